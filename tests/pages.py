"""The pages that follow from the code: every error, every setting, every measure. ``make pages`` writes them.

What is said about a setting is written by hand in its row, and kept; names and defaults are the code's.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from hutong.kit import errors
from hutong.kit.errors import HutongError
from hutong.settings import Limits, Settings
from tests.house.everything import FAMILIES, all_errors, is_for_the_console

ROOT = Path(__file__).parent.parent
ERRORS_PAGE = ROOT / "docs" / "protocol" / "errors.md"
SETTINGS_PAGE = ROOT / "docs" / "running" / "settings.md"
WATCHING_PAGE = ROOT / "docs" / "running" / "watching.md"

WHEN = {
    errors.NotFound: "it does not exist, or you may not know that it does",
    errors.Denied: "you are known, and may not do this (401: sign in first)",
    errors.Conflict: "what is there already stands in the way",
    errors.Invalid: "what was sent cannot be understood or is outside the limits",
    errors.TooMany: "a rate or a quota is used up; `Retry-After` says when it is worth trying again",
    errors.Unavailable: "a part of hutong cannot answer just now, and nothing was changed",
}

NOT_FIELDS = ("DATA", "ROLES", "WORKERS", "LIMITS")
"""Variables whose rows are written by hand, as no field of ours says their default; the first leads the table."""

HEAD = """\
# Errors

Written from the code by `make pages`; a test compares.

Whatever is refused, over HTTP or on the socket, is refused with a `code` that never changes and a sentence in `detail`.
`params` holds what stands in braces here, so that a client can say it in its own language. Over HTTP it comes as
`application/problem+json` with the status below; on the socket as a frame,
`{"on":"error","ref":2,"code":"chat.muted","detail":"…","params":{…}}`, and the connection stays up.

Every code belongs to one of six families. A client that does not know a code goes by the status.
"""


def errors_page(known: list[type[HutongError]]) -> str:
    """The whole page of errors, for those given in the order of their codes."""
    parts = [HEAD, "| family | status | when |\n| --- | --- | --- |"]
    parts += [f"| {family.__name__} | {family.status} | {when} |" for family, when in WHEN.items()]
    travelling = [error for error in known if not is_for_the_console(error)]
    for room in sorted({_room_of(error) for error in travelling}, key=lambda room: (room != "hutong", room)):
        parts.append(f"\n## `{room}`\n")
        parts += _table([error for error in travelling if _room_of(error) == room])
    parts.append("\n## On the console\n\nThese never travel: whoever runs hutong reads them in the terminal.\n")
    parts += _table([error for error in known if is_for_the_console(error)])
    return "\n".join(parts) + "\n"


def settings_page(written: str) -> str:
    """The page with the names and defaults of today; a row that is new has nothing said about it yet."""
    defaults = msgspec.structs.asdict(Settings(data=ROOT))
    del defaults["data"], defaults["limits"]
    variables = {f"HUTONG_{name.upper()}": _as_written(value) for name, value in defaults.items()}
    limits = {name: str(value) for name, value in msgspec.structs.asdict(Limits()).items()}
    said = dict(re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", written, re.MULTILINE))
    by_hand = {name: row for row, name in re.findall(r"^(\| `(HUTONG_\w+)` \|.*)$", written, re.MULTILINE)}
    others = [by_hand.get(f"HUTONG_{name}", f"| `HUTONG_{name}` | |  |") for name in NOT_FIELDS]
    page = _with_rows(written, "| variable |", [others[0], *_rows(variables, said), *others[1:]])
    return _with_rows(page, "| limit |", _rows(limits, said))


def watching_page(written: str, code: Iterable[str]) -> str:
    """The page with every measure that the given code declares."""
    found = {name: row for text in code for name, row in _measures_in(text)}
    return _with_rows(written, "| measure |", [found[name] for name in sorted(found)])


def _measures_in(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(
                func=ast.Name(id=kind), args=[ast.Constant(value=str(name)), ast.Constant(value=str(says)), *_]
            ) if name.startswith("hutong_"):
                kind = kind.removesuffix("MetricFamily").lower()
                name = f"{name.removesuffix('_total')}_total" if kind == "counter" else name
                yield name, f"| `{name}` | {kind} | {says[:1].lower()}{says[1:].removesuffix('.')} |"


def _rows(defaults: dict[str, str], said: dict[str, str]) -> list[str]:
    return [f"| `{name}` | `{default}` | {said.get(name, '')} |" for name, default in defaults.items()]


def _with_rows(page: str, header: str, rows: list[str]) -> str:
    """The page with the rows of the one table that begins so."""
    before, _, rest = page.partition(header)
    columns, line, tail = rest.split("\n", 2)
    after = tail[len(re.match(r"(?:\|.*\n)*", tail)[0]) :]  # type: ignore[index] # matches nothing at least
    return "\n".join((f"{before}{header}{columns}", line, *rows, after))


def _as_written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "(none)" if value in ("", (), None) else str(value)


def _table(some: list[type[HutongError]]) -> list[str]:
    head = ["| code | status | family | sentence |", "| --- | --- | --- | --- |"]
    return head + [f"| `{error.code}` | {error.status} | {_family_of(error)} | {error.text} |" for error in some]


def _family_of(error: type[HutongError]) -> str:
    return next((family.__name__ for family in FAMILIES if issubclass(error, family)), "none")


def _room_of(error: type[HutongError]) -> str:
    return error.code.partition(".")[0]


def our_code() -> list[str]:
    return [path.read_text() for path in sorted((ROOT / "src").rglob("*.py"))]


def main() -> None:
    ERRORS_PAGE.write_text(errors_page(all_errors()))
    SETTINGS_PAGE.write_text(settings_page(SETTINGS_PAGE.read_text()))
    WATCHING_PAGE.write_text(watching_page(WATCHING_PAGE.read_text(), our_code()))


if __name__ == "__main__":
    main()
