"""What the house tests read: our own files, and snippets that stand in for a bad one.

A rule takes one source and yields ``(line, why)`` for each place that breaks it. Its test runs it over the house and
over snippets that it must catch, because a rule that cannot fail checks nothing.
"""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]

Rule = Callable[["Source"], Iterable[tuple[int, str]]]


@dataclass(frozen=True)
class Source:
    """A file of ours: its path from the root, with forward slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def domain(self) -> str | None:
        """The domain that the file belongs to, or None outside of them."""
        parts = PurePosixPath(self.path).parts
        return parts[3] if parts[:3] == ("src", "hutong", "domains") and len(parts) > 4 else None

    @property
    def room(self) -> str:
        """The first name below the domain, or below ``hutong``: ``actions`` for ``domains/chat/actions/mute.py``."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return parts[4] if self.domain else parts[min(2, len(parts) - 1)]


@cache
def our_files() -> tuple[str, ...]:
    """Every file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(sorted(path for path in set(listed.stdout.split("\0")) if path and (ROOT / path).is_file()))


@cache
def read(path: str) -> Source:
    return Source(path, (ROOT / path).read_text())


def sources(*prefixes: str, endings: tuple[str, ...] = (".py",)) -> list[Source]:
    """Our files below any of the prefixes, or all of them without one, with one of the endings."""
    return [read(path) for path in our_files() if path.endswith(endings) and path.startswith(prefixes or ("",))]


def broken(rule: Rule, where: Iterable[Source]) -> list[str]:
    """Each place that breaks the rule, as ``path:line: why``."""
    return [f"{source.path}:{line}: {why}" for source in where for line, why in rule(source)]


def catches(rule: Rule, text: str, path: str = "src/hutong/domains/chat/actions.py") -> bool:
    """Whether the rule finds something to say about the text, if it stood at that path."""
    return bool(list(rule(Source(path, text))))


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for a chain of attributes, calls left out: ``self.bus.listen`` for ``self.bus.listen(…)``."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{dotted(value)}.{name}"
        case ast.Call(func=called) | ast.Await(value=called):
            return dotted(called)
    return ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """``(line, dots, module)`` of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, 0, name.name
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.level, node.module or ""
