"""Errors are sentences in six families, each with a code of its own that never changes."""

import re
import string
from collections.abc import Iterator

from hutong.kit import errors
from hutong.kit.errors import HutongError

from .test_tables import load_everything, owner_of

FAMILIES = (errors.NotFound, errors.Denied, errors.Conflict, errors.Invalid, errors.TooMany, errors.Unavailable)
CODE = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")


def all_errors() -> list[type[HutongError]]:
    """Every error of the house, the six families included, by code."""
    load_everything()
    return sorted((one for one in _descendants(HutongError) if one.__module__.startswith("hutong.")), key=_code_of)


def wrong_with(error: type[HutongError]) -> Iterator[str]:
    name = f"{error.__module__}.{error.__qualname__}"
    if error in FAMILIES:
        return
    if not issubclass(error, FAMILIES):
        yield f"{name} belongs to none of the six families"
    if not {"code", "text"} <= set(vars(error)):
        yield f"{name} needs a code and a text of its own"
        return
    if not CODE.fullmatch(error.code):
        yield f"{name}: the code {error.code} is not like chat.group_is_full"
    elif owner_of(error.__module__) not in ("infra", "api", "gateway", "kit", error.code.partition(".")[0]):
        yield f"{name}: the code {error.code} begins with another domain's name"
    family = next((one for one in FAMILIES if issubclass(error, one)), HutongError)
    if error.status not in (family.status, 401) and not error.__module__.startswith("hutong.infra.web."):
        yield f"{name}: its family decides the status"
    if error.text != "{reason}" and not re.fullmatch(r"[A-Z{].*[.?!]", error.text, re.DOTALL):
        yield f"{name}: the text is not a sentence"
    if any(not field or not field.isidentifier() for field in fields_of(error.text)):
        yield f"{name}: a parameter of the text has no plain name"


def fields_of(text: str) -> list[str]:
    """The names of the parameters in a text."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def repeated(codes: list[str]) -> list[str]:
    return sorted({code for code in codes if codes.count(code) > 1})


def _descendants(error: type[HutongError]) -> set[type[HutongError]]:
    children = set(error.__subclasses__())
    return children.union(*(_descendants(child) for child in children))


def _code_of(error: type[HutongError]) -> str:
    return error.code


def test_every_error_is_a_sentence_in_one_of_six_families() -> None:
    assert [wrong for error in all_errors() for wrong in wrong_with(error)] == []
    assert repeated([error.code for error in all_errors()]) == []
    assert set(FAMILIES) < set(all_errors())


def test_a_bad_error_is_caught() -> None:
    class Loose(HutongError):
        code = "chat.loose"
        text = "It is loose."

    class Silent(errors.Conflict):
        code = "chat.silent"

    class Shouting(errors.Conflict):
        code = "Chat.SHOUTING"
        text = "It shouts."

    class Muttering(errors.Conflict):
        code = "chat.muttering"
        text = "no sentence {0}"

    class Borrowed(errors.NotFound):
        status = 409
        code = "chat.borrowed"
        text = "It is borrowed."

    for error in (Loose, Silent, Shouting, Muttering, Borrowed):
        error.__module__ = "hutong.domains.chat.errors"
        assert list(wrong_with(error)), error
    Shouting.code, Shouting.__module__ = "identity.shouting", "hutong.domains.chat.errors"
    assert list(wrong_with(Shouting))
    Shouting.code = "chat.shouting"
    assert not list(wrong_with(Shouting))
    assert repeated(["a.b", "a.c", "a.b"]) == ["a.b"]
