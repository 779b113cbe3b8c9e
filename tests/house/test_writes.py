"""Only actions write and publish; the message writer, which is one of them grown large, does too."""

import ast
from collections.abc import Iterator

import pytest

from .source import Source, broken, catches, dotted, sources

WRITERS = {"actions", "writer"}
STATEMENTS = {"insert", "update", "delete", "publish"}
CALLS = [["session", verb] for verb in ("add", "add_all", "delete", "merge")]


def writes(source: Source) -> Iterator[tuple[int, str]]:
    """Statements and facts are known by what is imported, rows by the session that they are put into."""
    if source.domain is None or source.room in WRITERS:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("sqlalchemy", "hutong.infra.outbox")):
            for name in node.names:
                if name.name in STATEMENTS:
                    yield node.lineno, f"{source.room} imports {name.name}; only actions write and publish"
        elif isinstance(node, ast.Call) and dotted(node).split(".")[-2:] in CALLS:
            yield node.lineno, f"{source.room} calls {dotted(node)}; only actions write"


def test_only_actions_write_and_publish() -> None:
    assert broken(writes, sources("src/hutong/domains/")) == []


@pytest.mark.parametrize(
    "text",
    [
        "from sqlalchemy import select, update",
        "from sqlalchemy.dialects.postgresql import insert",
        "from hutong.infra.outbox import publish",
        "async def f(session): session.add(Row())",
        "async def f(session): await session.delete(row)",
    ],
)
def test_a_write_elsewhere_is_caught(text: str) -> None:
    assert catches(writes, text, "src/hutong/domains/chat/queries.py")
    assert catches(writes, text, "src/hutong/domains/chat/http.py")
    assert not catches(writes, text, "src/hutong/domains/chat/actions/mute.py")
    assert not catches(writes, text, "src/hutong/domains/chat/writer.py")
