"""What is written here makes sense to a stranger, on any machine, and promises nothing that it does not do."""

import re
from collections.abc import Iterator

import pytest

from .source import Source, broken, catches, sources

TEXT = (".py", ".md", ".toml", ".ts", ".js", ".svelte", ".css", ".html", ".json", ".lock", ".yml", ".yaml", ".txt")
CODE = (".py", ".ts", ".js", ".svelte")
ITSELF = "tests/house/test_writing.py"

# A letter of each stands in brackets, so that this file does not contain what it looks for.
FOREIGN = {
    "a registry's host": r"py[p]i\.org|python[h]osted\.org|registry\.np[m]js|de[b]\.debian\.org",
    "a path of one machine": r"(?<![\w.~-])/(?:wor[k]|far[m])/[a-z.]|/roo[t]/[.\w]|/hom[e]/[a-z]+/|/tm[p]/(?:h|hub)\b",
}
PROMISE = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b")
LEFT_OUT = re.compile(
    r"pytest\.(?:s[k]ip|importors[k]ip|mark\.(?:s[k]ip|xf[a]il))|\b(?:test|it|describe)\.(?:s[k]ip|o[n]ly|to[d]o)\("
)
SOFTENED = re.compile(r"type: i[g]nore|no[q]a|eslint-dis[a]ble[a-z-]*|svelte-i[g]nore|ts-(?:expect-error|i[g]nore)")
# What exactly is softened, then a sign, then some words.
WITH_A_REASON = re.compile(
    r"(?:\[[\w-]+(?:, ?[\w-]+)*\]|: ?[A-Z]+\d+(?:, ?[A-Z]+\d+)*| [\w@/-]+(?:, ?[\w@/-]+)*)? +(?:#|-{1,2}|—) .{6,}"
)


def spelt(*parts: str) -> str:
    """The parts as one text, for samples that must not stand here in one piece."""
    return "".join(parts)


def names_what_is_not_ours(source: Source) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.lines, start=1):
        for what, pattern in FOREIGN.items():
            if re.search(pattern, line):
                yield number, f"names {what}"


def promises(source: Source) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.lines, start=1):
        if PROMISE.search(line):
            yield number, "promises instead of doing"
        if LEFT_OUT.search(line):
            yield number, "leaves a test out"


def softens_without_a_reason(source: Source) -> Iterator[tuple[int, str]]:
    """The reason stands behind it, or as a comment on the line above."""
    above = ""
    for number, line in enumerate(source.lines, start=1):
        found = SOFTENED.search(line)
        said = above.lstrip().startswith(("#", "//", "<!--")) and not SOFTENED.search(above)
        above = line
        if found and not said and not WITH_A_REASON.match(line[found.end() :]):
            yield number, f"softens a check ({found.group()}) without the reason beside it"


def test_nothing_here_belongs_to_one_machine() -> None:
    files = [one for one in sources(endings=TEXT) if one.path != ITSELF]
    assert broken(names_what_is_not_ours, files) == []
    assert broken(names_what_is_not_ours, sources("Makefile", ".ci/", endings=("Makefile", "run"))) == []


def test_nothing_is_promised_or_softened() -> None:
    code = [one for one in sources(endings=CODE) if one.path != ITSELF]
    assert broken(promises, code) == []
    assert broken(softens_without_a_reason, code) == []


@pytest.mark.parametrize(
    "text",
    [
        spelt("index = 'https://py", "pi.org/simple'"),
        spelt("DATA = '/ro", "ot/.cache'"),
        spelt("see /wo", "rk/shared"),
        spelt("cd /ho", "me/alice/x"),
    ],
)
def test_a_foreign_word_is_caught(text: str) -> None:
    assert catches(names_what_is_not_ours, text)
    assert not catches(names_what_is_not_ours, "see ../shared, https://example.org/work/x and /var/lib/hutong")


@pytest.mark.parametrize("parts", [("# TO", "DO: later"), ("pytest.sk", "ip('no')"), ("test.on", "ly('x', f)")])
def test_a_promise_is_caught(parts: tuple[str, str]) -> None:
    assert catches(promises, spelt(*parts))


@pytest.mark.parametrize(
    "parts",
    [("x = 1  # no", "qa: S101"), ("x = 1  # type: igno", "re[arg-type]"), ("// eslint-dis", "able-line no-empty")],
)
def test_a_softened_check_needs_its_reason(parts: tuple[str, str]) -> None:
    assert catches(softens_without_a_reason, spelt(*parts))
    assert not catches(softens_without_a_reason, spelt(*parts, " - the reason is said"))
    assert not catches(softens_without_a_reason, spelt("# The reason is said.\n", *parts))
    assert catches(softens_without_a_reason, spelt("x = 1  # no", "qa"))
