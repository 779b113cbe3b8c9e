"""``hutong --help`` says in a line what every verb is for, and the verb's own help the same of every option."""

import re
import sys
from collections.abc import Callable

import pytest

from hutong.cli import main

VERBS = {"admin", "backup", "bridge", "demo", "doctor", "import", "migrate", "restore", "serve"}
DEEDS = {"approve", "claim", "invite", "password", "refuse", "waiting"} | {
    "approve-version",
    "drop-rating",
    "end-grant",
    "grant",
    "grants",
    "reject-version",
    "roll-back",
    "submission",
    "submissions",
}
PLACES = [(), *((verb,) for verb in VERBS), *(("admin", deed) for deed in DEEDS), ("bridge", "certificate")]
NARROW, WIDE = 80, 400
_ROW = re.compile(r"│ (?:\* +)?(?P<name>\S+(?: \S+)*?)(?: {2,}(?P<says>\S.*?))? +│")

Help = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def help_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Help:
    """The rows that ``hutong WORDS --help`` prints in a terminal of so many columns: a name, and what is said of it."""

    def ask(*words: str, columns: int = WIDE) -> list[tuple[str, str]]:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "argv", ["hutong", *words, "--help"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        found = (_ROW.fullmatch(line.strip()) for line in capsys.readouterr().out.splitlines())
        return [(row["name"], row["says"] or "") for row in found if row is not None]

    return ask


@pytest.mark.parametrize(("words", "names"), [((), VERBS), (("admin",), DEEDS)])
def test_every_verb_has_one_line_that_a_narrow_terminal_holds(
    help_of: Help, words: tuple[str, ...], names: set[str]
) -> None:
    wide, narrow = help_of(*words), help_of(*words, columns=NARROW)

    assert wide == narrow
    assert names <= {name for name, says in wide if re.fullmatch(r"[A-Z].*[a-z]\.", says)}


@pytest.mark.parametrize("words", PLACES, ids=" ".join)
def test_every_option_says_what_it_is_for(help_of: Help, words: tuple[str, ...]) -> None:
    rows = help_of(*words)

    assert rows != []
    assert [name for name, says in rows if re.match(r"[A-Z]", says) is None] == []


def test_an_option_that_switches_something_on_has_no_second_name(help_of: Help) -> None:
    assert [name for words in PLACES for name, _ in help_of(*words) if "--no-" in name] == []
