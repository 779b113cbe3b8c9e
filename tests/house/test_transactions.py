"""Nobody commits but the edge, and nobody calls the outside while a transaction is open."""

import ast
from collections.abc import Iterator

import pytest

from .source import Source, broken, catches, dotted, functions, sources

THE_ONE_PLACE = "src/hutong/infra/db.py"
THE_HISTORY = "src/hutong/infra/migrations/"
EDGES_OF_A_DOMAIN = {"feed", "http", "jobs", "writer"}
ESCAPES = {
    ("identity", "sign_in"): "reads in a transaction that is over before the password is checked, which takes long",
}
OPENING = {"transaction", "short_transaction"}
OUTSIDE = {"blobs", "bus", "http_client", "jetstream", "mail", "mailer", "push", "store"}


def commits(source: Source) -> Iterator[tuple[int, str]]:
    """Only the database's own module begins and ends transactions; so do the message writer, on its raw connection, and
    the migrations, which commit step by step."""
    if source.path.startswith((THE_ONE_PLACE, THE_HISTORY)) or (source.domain, source.room) == ("chat", "writer"):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"commit", "rollback", "begin", "begin_nested"}:
            yield node.lineno, f"calls {dotted(node)}(); a transaction is opened with Database.transaction() alone"


def opens_a_transaction(source: Source) -> Iterator[tuple[int, str]]:
    """Inside a domain only its edges open one: a request, a job, a flush of the writer."""
    if source.domain is None or source.room in EDGES_OF_A_DOMAIN:
        return
    for function in functions(source.tree):
        if (source.domain, function.name) in ESCAPES:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OPENING:
                yield node.lineno, f"{function.name} opens a transaction in {source.room}; take a session instead"


def calls_the_outside(source: Source) -> Iterator[tuple[int, str]]:
    """Inside ``async with ….transaction()``, and in every function that is handed a ``session``."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncWith) and any(_is_transaction(item.context_expr) for item in node.items):
            yield from _awaits_of_the_outside(node)
    for function in functions(source.tree):
        parameters = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if any(parameter.arg == "session" for parameter in parameters):
            yield from _awaits_of_the_outside(function)


def _is_transaction(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OPENING


def _awaits_of_the_outside(block: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(block):
        if isinstance(node, ast.Await):
            words = dotted(node.value).replace("_", ".").split(".") + dotted(node.value).split(".")
            if OUTSIDE & set(words):
                yield node.lineno, f"awaits {dotted(node.value)} while a transaction is open; publish a fact instead"


def test_nobody_commits_but_the_edge() -> None:
    assert broken(commits, sources("src/")) == []
    assert broken(opens_a_transaction, sources("src/")) == []


@pytest.mark.parametrize("text", ["async def f(s): await s.commit()", "async def f(s):\n    async with s.begin(): ..."])
def test_a_commit_elsewhere_is_caught(text: str) -> None:
    assert catches(commits, text)
    assert not catches(commits, text, THE_ONE_PLACE)


def test_a_transaction_opened_by_an_action_is_caught() -> None:
    text = "async def f(db):\n    async with db.transaction() as session: ..."
    assert catches(opens_a_transaction, text)
    assert catches(opens_a_transaction, text, "src/hutong/domains/chat/actions/mute.py")
    assert not catches(opens_a_transaction, text, "src/hutong/domains/chat/http.py")
    assert not catches(opens_a_transaction, text, "src/hutong/api/app.py")


def test_every_escape_is_still_needed() -> None:
    found = {
        (source.domain, function.name)
        for source in sources("src/hutong/domains/")
        for function in functions(source.tree)
        if "transaction()" in ast.unparse(function)
    }
    assert ESCAPES.keys() - found == set()


def test_no_outside_call_while_a_transaction_is_open() -> None:
    assert broken(calls_the_outside, sources("src/")) == []


@pytest.mark.parametrize(
    "text",
    [
        "async def f(db, bus):\n    async with db.transaction() as s:\n        await bus.jetstream.publish('x')",
        "async def f(self):\n    async with self.db.transaction():\n        x = await self.http_client.get('https://x.example')",
        "async def f(session, blobs):\n    await blobs.put('key', b'')",
        "async def f(*, session, house):\n    await house.blobs.put('key', b'')",
    ],
)
def test_an_outside_call_in_a_transaction_is_caught(text: str) -> None:
    assert catches(calls_the_outside, text)


def test_an_outside_call_after_the_transaction_passes() -> None:
    text = "async def f(db, bus):\n    async with db.transaction() as s: await s.execute('x')\n    await bus.flush()"
    assert not catches(calls_the_outside, text)
