"""Documents lead somewhere, and say what the code says."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from hutong.settings import Limits, Settings

from .source import ROOT, Source, broken, catches, read, sources

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
SETTINGS_PAGE = "docs/running/settings.md"


def leads_nowhere(source: Source) -> Iterator[tuple[int, str]]:
    """Links to files and headings of ours; the rest of the world is not looked at."""
    in_code = False
    for number, line in enumerate(source.lines, start=1):
        in_code ^= line.startswith("```")
        if in_code:
            continue
        for target in (one or other for one, other in LINK.findall(re.sub(r"`[^`]*`", "", line))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = ROOT / PurePosixPath(source.path).parent / path if path else ROOT / source.path
            if not there.exists():
                yield number, f"leads to {path}, which is not there"
            elif anchor and path and anchor not in anchors(there.read_text()):
                yield number, f"leads to {target}, which has no such heading"


def anchors(text: str) -> set[str]:
    """The anchors that the headings of a document get."""
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def missing_rows(page: str, rows: dict[str, object]) -> list[str]:
    """The names of which the page has no table row that begins with the name and its default."""
    return [
        f"| `{name}` | `{default}` |"
        for name, default in rows.items()
        if not re.search(rf"^\| `{re.escape(name)}` \| `{re.escape(str(default))}` \|", page, re.MULTILINE)
    ]


def test_every_link_leads_somewhere() -> None:
    assert broken(leads_nowhere, sources(endings=(".md",))) == []


def test_every_setting_stands_in_the_table() -> None:
    page = read(SETTINGS_PAGE).text
    said = msgspec.structs.asdict(Settings(data=ROOT))
    rows = {f"HUTONG_{name.upper()}": _as_written(said[name]) for name in said.keys() - {"data", "limits"}}
    assert missing_rows(page, rows) == []
    assert missing_rows(page, msgspec.to_builtins(Limits())) == []
    named = set(re.findall(r"^\| `(HUTONG_[A-Z_]+)`", page, re.MULTILINE))
    assert named - rows.keys() - {"HUTONG_DATA", "HUTONG_LIMITS"} == set(), "The page names settings that are gone."


def _as_written(value: object) -> object:
    return {"": "(none)", True: "true", False: "false"}.get(value, value) if isinstance(value, str | bool) else value


def test_the_decisions_are_numbered_and_listed() -> None:
    decisions = [one.path for one in sources("docs/decisions/0", endings=(".md",))]
    numbers = [int(PurePosixPath(path).name[:4]) for path in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    index = read("docs/decisions/README.md").text
    assert [path for path in decisions if f"]({PurePosixPath(path).name})" not in index] == []


def test_a_link_to_nowhere_and_a_missing_row_are_caught() -> None:
    assert catches(leads_nowhere, "See [this](nowhere.md).", "README.md")
    assert catches(leads_nowhere, "![A picture](docs/pictures/none.png)", "README.md")
    assert catches(leads_nowhere, "See [this](CHANGELOG.md#no-such-thing).", "README.md")
    assert not catches(
        leads_nowhere, "See [this](CHANGELOG.md#unreleased) and [that](https://example.org).", "README.md"
    )
    assert missing_rows("| `a_s` | `5` | x |\n| `b_s` | `6` |", {"a_s": 5, "b_s": 7, "c_s": 1}) == [
        "| `b_s` | `7` |",
        "| `c_s` | `1` |",
    ]
