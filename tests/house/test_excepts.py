"""A broad ``except`` stands at six edges only: HTTP, socket frame, job, relay, writer flush, command line."""

import ast
from collections.abc import Iterator

import pytest

from .source import Source, broken, catches, dotted, sources

BROAD = {"Exception", "BaseException"}
EDGES = {
    "src/hutong/bridges/onebot11/clerk.py": "socket frame",
    "src/hutong/bridges/onebot11/line.py": "socket frame",
    "src/hutong/bridges/onebot11/reverse.py": "job",
    "src/hutong/worker/courier.py": "job",
    "src/hutong/domains/chat/writer.py": "writer flush",
    "src/hutong/gateway/edge.py": "socket frame",
    "src/hutong/worker/background.py": "job",
    "src/hutong/worker/subscribers.py": "job",
}
"""The files that may have one broad ``except``, each with the edge that it is."""


def swallows_everything(source: Source) -> Iterator[tuple[int, str]]:
    """A handler that ends by raising again cleans up and swallows nothing, so it may be broad."""
    allowed = 1 if source.path in EDGES else 0
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node):
            what = "a broad except"
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("suppress") and any(map(_is_broad, node.args)):
            what = "suppress(Exception)"
        else:
            continue
        if allowed == 0:
            yield node.lineno, f"{what}: name what can go wrong here"
        allowed = max(0, allowed - 1)


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(map(_is_broad, caught.elts))
    return caught is None or dotted(caught).rpartition(".")[2] in BROAD


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_broad_excepts_stand_at_the_edges_only() -> None:
    assert broken(swallows_everything, sources("src/")) == []
    assert len(set(EDGES.values())) <= 6


def test_every_edge_named_here_is_there() -> None:
    stale = [path for path in EDGES if not catches(swallows_everything, _twice(path), "elsewhere.py")]
    assert stale == [], "These edges have no broad except any more; take them off the list."


def _twice(path: str) -> str:
    (source,) = sources(path)
    return source.text


@pytest.mark.parametrize(
    "text",
    [
        "try: f()\nexcept: pass",
        "try: f()\nexcept Exception: pass",
        "try: f()\nexcept (ValueError, BaseException) as e: log(e)",
        "try: f()\nexcept Exception as e:\n    raise ValueError from e",
        "import builtins\ntry: f()\nexcept builtins.Exception: pass",
        "with contextlib.suppress(Exception): f()",
    ],
)
def test_a_broad_except_elsewhere_is_caught(text: str) -> None:
    assert catches(swallows_everything, text)


@pytest.mark.parametrize(
    "text",
    [
        "try: f()\nexcept ValueError: pass",
        "try: f()\nexcept BaseException:\n    clean_up()\n    raise",
        "with suppress(KeyError): f()",
    ],
)
def test_a_named_or_passing_except_is_not(text: str) -> None:
    assert not catches(swallows_everything, text)
