"""The history of the database is one line: numbered without holes, each revision after the one before."""

import ast
import re
from collections.abc import Iterator

from .source import Source, broken, catches, sources

VERSIONS = "src/hutong/infra/migrations/versions/"


def breaks_the_line(history: list[Source]) -> Iterator[str]:
    """Walks the revisions in the order of their file names."""
    before: str | None = None
    for number, source in enumerate(sorted(history, key=lambda one: one.path), start=1):
        name = source.path.removeprefix(VERSIONS)
        said = {
            target.id: node.value.value
            for node in source.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        if not re.fullmatch(rf"{number:04}_[a-z0-9_]+\.py", name):
            yield f"{name} should begin with {number:04}_"
        if said.get("revision") != f"{number:04}":
            yield f"{name} should say revision = '{number:04}'"
        if said.get("down_revision", "none") != before:
            yield f"{name} should say down_revision = {before!r}"
        before = f"{number:04}"


def test_the_history_is_one_line() -> None:
    history = sources(VERSIONS)
    assert history != []
    assert list(breaks_the_line(history)) == []


def test_a_fork_and_a_hole_are_caught() -> None:
    def revision(name: str, number: str, before: str | None) -> Source:
        return Source(f"{VERSIONS}{name}", f"revision = {number!r}\ndown_revision = {before!r}\n")

    first = revision("0001_begin.py", "0001", None)
    second = revision("0002_go_on.py", "0002", "0001")
    assert not list(breaks_the_line([first, second]))
    assert list(breaks_the_line([first, second, revision("0003_fork.py", "0003", "0001")]))
    assert list(breaks_the_line([first, revision("0003_hole.py", "0003", "0001")]))
    assert list(breaks_the_line([first, second, revision("0002_twice.py", "0002", "0001")]))


def holds_up_a_table(source: Source) -> Iterator[tuple[int, str]]:
    """An index on a table that was there before is built while others write (rule 12)."""
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    made = {_first_word(call) for call in calls if _called(call) == "create_table"}
    for call in calls:
        if _called(call) == "create_index" and _first_word(call, 1) not in made:
            said = {word.arg: word.value for word in call.keywords}
            concurrently = said.get("postgresql_concurrently")
            if not (isinstance(concurrently, ast.Constant) and concurrently.value is True):
                yield call.lineno, "an index on an older table is built concurrently"


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _first_word(call: ast.Call, place: int = 0) -> object:
    word = call.args[place] if len(call.args) > place else None
    return word.value if isinstance(word, ast.Constant) else None


def test_no_revision_holds_up_a_table() -> None:
    assert broken(holds_up_a_table, sources(VERSIONS)) == []
    assert catches(holds_up_a_table, 'op.create_index("ix", "older", ["id"])', f"{VERSIONS}0099_new.py")
    fresh = 'op.create_table("new")\nop.create_index("ix", "new", ["id"])'
    assert not catches(holds_up_a_table, fresh, f"{VERSIONS}0099_new.py")
