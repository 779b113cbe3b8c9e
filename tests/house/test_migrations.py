"""The history of the database is one line: numbered without holes, each revision after the one before."""

import ast
import re
from collections.abc import Iterator

from .source import Source, sources

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
