"""Documents lead somewhere, and say what the code says."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from hutong.cli import app
from tests import pages

from .source import ROOT, Source, broken, catches, dotted, read, sources

VERBS = {name for name in app if not name.startswith("-")}
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)|\ssrc=\"([^\"]+)\"")


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


def test_every_link_leads_somewhere() -> None:
    assert broken(leads_nowhere, sources(endings=(".md",))) == []


def test_every_setting_stands_in_its_table() -> None:
    page = pages.SETTINGS_PAGE.read_text()
    assert page == pages.settings_page(page), "Run `make pages`, and say in the new rows what the settings are."
    assert silent_rows(page) == []


def test_every_measure_stands_in_its_table() -> None:
    page = pages.WATCHING_PAGE.read_text()
    assert page == pages.watching_page(page, pages.our_code()), "Run `make pages`."
    assert "| `hutong_a_total` | counter | what it counts |" in pages.watching_page(
        page, ['A = Counter("hutong_a", "What it counts.", ("label",))']
    )


def names_no_verb(source: Source) -> Iterator[tuple[int, str]]:
    """What stands in a document as a command is one: ``hutong serve``, ``/opt/hutong/bin/hutong backup``."""
    in_code = False
    for number, line in enumerate(source.lines, start=1):
        in_code ^= line.startswith("```")
        for piece in [re.sub(r"(?:^|\s)# .*", "", line)] if in_code else re.findall(r"`([^`]*)`", line):
            for verb in re.findall(r"(?:^|[\s/])hutong ([a-z]+)\b", piece):
                if verb not in VERBS:
                    yield number, f"hutong {verb} is no command"


def test_every_command_in_the_documents_is_one() -> None:
    assert broken(names_no_verb, sources("README", "CONTRIBUTING", "ARCHITECTURE", "docs/", endings=(".md",))) == []
    assert catches(names_no_verb, "Run `hutong fly --high`.", "README.md")
    assert catches(names_no_verb, "```sh\n/opt/hutong/bin/hutong fly\n```", "README.md")
    assert not catches(names_no_verb, "```sh\nhutong serve\n```\nThe hutong fly is rare.", "README.md")


INTERNAL_FRAMES = {"seated", "unseated", "revoked", "renamed"}
"""Said between the processes of a house only."""


def says_what_is_not_described(source: Source) -> Iterator[tuple[int, str]]:
    """Every frame that may reach a client stands in the document of the socket."""
    page = read("docs/protocol/socket.md").text
    for line, name in frames_of(source):
        if name not in INTERNAL_FRAMES and f'"on":"{name}"' not in page and f"\n| `{name}` |" not in page:
            yield line, f"says {name}, which docs/protocol/socket.md does not know"


def frames_of(source: Source) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.lines, start=1):
        yield from ((number, name) for name in re.findall(r'"on": ?"(\w+)"', line))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("tell_change", "keep_change", "tell_account"):
            said = node.args[2] if len(node.args) > 2 else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                yield node.lineno, said.value


def test_every_frame_stands_in_the_document() -> None:
    assert broken(says_what_is_not_described, sources("src/hutong/")) == []
    assert catches(says_what_is_not_described, 'frame = b\'{"on":"sang","chat":%d}\' % chat')
    assert catches(says_what_is_not_described, 'tell_account(session, number, "sang", chat=chat)')
    assert not catches(says_what_is_not_described, 'await tell_change(session, chat, "left", at)')


def silent_rows(page: str) -> list[str]:
    """The names in a table about which nothing is said."""
    return re.findall(r"^\| `(\w+)` \| [^|]* \| *\|$", page, re.MULTILINE)


def test_the_decisions_are_numbered_and_listed() -> None:
    decisions = [one.path for one in sources("docs/decisions/0", endings=(".md",))]
    numbers = [int(PurePosixPath(path).name[:4]) for path in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    index = read("docs/decisions/README.md").text
    assert [path for path in decisions if f"]({PurePosixPath(path).name})" not in index] == []


def test_a_link_to_nowhere_and_a_stale_row_are_caught() -> None:
    assert catches(leads_nowhere, "See [this](nowhere.md).", "README.md")
    assert catches(leads_nowhere, "![A picture](docs/pictures/none.png)", "README.md")
    assert catches(leads_nowhere, '<img src="docs/pictures/none.png">', "README.md")
    assert catches(leads_nowhere, "See [this](CHANGELOG.md#no-such-thing).", "README.md")
    assert not catches(
        leads_nowhere, "See [this](CHANGELOG.md#unreleased) and [that](https://example.org).", "README.md"
    )
    page = pages.SETTINGS_PAGE.read_text()
    assert pages.settings_page(page.replace("`page_items_max` | `100`", "`page_items_max` | `101`")) == page
    assert silent_rows(pages.settings_page(page.replace("`page_items_max`", "`forgotten_max`"))) == ["page_items_max"]
