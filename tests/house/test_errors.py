"""Errors are sentences in six families, each with a code of its own that never changes."""

import re
import string
from collections.abc import Iterator

from hutong.kit import errors
from hutong.kit.errors import HutongError
from tests import pages

from .everything import FAMILIES, all_errors, is_for_the_console, owner_of
from .source import read

BOOKS = ("web/src/i18n/zh/errors.ts", "web/src/i18n/en/errors.ts")
CODE = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")


def wrong_with(error: type[HutongError]) -> Iterator[str]:
    name = f"{error.__module__}.{error.__qualname__}"
    if error in (*FAMILIES, HutongError):
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
    if not re.fullmatch(r"(?:[A-Z{].*[.?!]|(?:[A-Z{].*: )?\{reason\})", error.text, re.DOTALL):
        yield f"{name}: the text is not a sentence"
    if any(not field or not field.isidentifier() for field in fields_of(error.text)):
        yield f"{name}: a parameter of the text has no plain name"


def fields_of(text: str) -> list[str]:
    """The names of the parameters in a text."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def repeated(codes: list[str]) -> list[str]:
    return sorted({code for code in codes if codes.count(code) > 1})


def translated(book: str) -> dict[str, str]:
    """The sentences of one language in the web client, by code."""
    return dict(re.findall(r'^\s*"?error\.([\w.]+)"?:\s*"((?:[^"\\]|\\.)*)"', book, re.MULTILINE))


def wrong_with_translation(error: type[HutongError], book: dict[str, str]) -> Iterator[str]:
    if error.code not in book:
        yield f"error.{error.code} is missing: {error.text}"
        return
    unknown = set(re.findall(r"\{(\w+)\}", book[error.code])) - set(fields_of(error.text))
    if unknown:
        yield f"error.{error.code} asks for {sorted(unknown)}, which the server does not send"


def test_every_error_is_a_sentence_in_one_of_six_families() -> None:
    assert [wrong for error in all_errors() for wrong in wrong_with(error)] == []
    assert repeated([error.code for error in all_errors()]) == []
    assert set(FAMILIES) < set(all_errors())


def test_every_error_stands_on_its_page() -> None:
    assert pages.ERRORS_PAGE.read_text() == pages.errors_page(all_errors()), "Run `make pages`."


def test_every_error_that_travels_is_said_in_both_languages() -> None:
    for path in BOOKS:
        book = translated(read(path).text)
        travelling = [error for error in all_errors() if not is_for_the_console(error)]
        assert [wrong for error in travelling for wrong in wrong_with_translation(error, book)] == [], path
        assert book.keys() - {error.code for error in travelling} == set(), f"{path} says what no error says any more"


def test_a_missing_translation_and_page_are_caught() -> None:
    book = translated('export const errors = {\n  "error.hutong.too_many": "太快了，{minutes} 分钟后再试。",\n};')
    assert book == {"hutong.too_many": "太快了，{minutes} 分钟后再试。"}
    assert list(wrong_with_translation(errors.TooMany, book))
    assert list(wrong_with_translation(errors.NotFound, book))
    assert not list(wrong_with_translation(errors.TooMany, {"hutong.too_many": "{retry_after_s} 秒后再试。"}))
    assert pages.errors_page([errors.NotFound]) != pages.errors_page([errors.NotFound, errors.Denied])


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
