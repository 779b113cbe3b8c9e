"""Names say what a thing is: no names that mean nothing, the same few file names in every domain, units last."""

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from hutong.settings import Limits

from .source import Source, broken, catches, functions, imports, sources

BANNED = {"helper", "helpers", "manager", "managers", "repository", "service", "services", "util", "utils"}
EVENT = {"event", "events"}
ROOMS = {"__init__", "actions", "errors", "facts", "http", "jobs", "models", "queries", "schemas"}
LONG_LIVED = {("chat", "writer"), ("openplatform", "feed")}
ROOMS_WITH_FILES = {"actions", "http", "queries"}
IMPURE = ("alembic", "asyncpg", "hutong.domains", "hutong.infra", "httpx", "litestar", "nats", "obstore", "sqlalchemy")
UNITS = {"bytes", "chars", "codes", "days", "fen", "frames", "hours", "items", "minutes", "ms", "pixels", "px", "s"}
MEASURES = {"age", "backoff", "delay", "duration", "interval", "patience", "period", "timeout", "ttl"}


def says_nothing(source: Source) -> Iterator[tuple[int, str]]:
    """No utils, helpers, managers, services or repositories; *event* never alone."""
    for part in source.path.removesuffix(".py").split("/"):
        if BANNED & set(words(part)) or part in EVENT:
            yield 1, f"the name {part} says nothing"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            named = words(node.name)
            if named[-1:] and named[-1] in BANNED:
                yield node.lineno, f"the name {node.name} says nothing"
            if set(named) <= EVENT:
                yield node.lineno, "event alone: is it a fact, a frame or a gathering?"


def promises_another_answer(source: Source) -> Iterator[tuple[int, str]]:
    """``get_`` raises, ``find_`` may be None."""
    for function in functions(source.tree):
        if function.returns is None:
            continue
        answer = ast.unparse(function.returns)
        if function.name.startswith("get_") and re.search(r"\bNone\b", answer):
            yield function.lineno, f"{function.name} may be None; a get_ raises, a find_ may be None"
        if function.name.startswith("find_") and not re.search(r"\bNone\b", answer):
            yield function.lineno, f"{function.name} is never None; call it get_, list_ or what it does"


def is_no_room_of_a_domain(source: Source) -> Iterator[tuple[int, str]]:
    """Beside the named rooms a domain has ideas only: pure thinking under its own name."""
    if source.domain is None:
        return
    inside = source.path.split("/")[4:]
    if len(inside) > 1 and (len(inside) > 2 or inside[0] not in ROOMS_WITH_FILES):
        yield 1, f"only {' and '.join(sorted(ROOMS_WITH_FILES))} may be folders, of one floor"
    if source.room in ROOMS or (source.domain, source.room) in LONG_LIVED:
        return
    for line, _, module in imports(source.tree):
        if module.startswith(IMPURE) or module in ROOMS - {"errors", "facts"}:
            yield line, f"{source.room} is no room of a domain, so it is an idea and pure; it may not import {module}"


def has_no_unit(source: Source) -> Iterator[tuple[int, str]]:
    """A number of seconds or bytes says so: ``timeout_ms``, ``age_days``."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.arg) and _is_number(node.annotation):
            name, line = node.arg, node.lineno
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_number(node.annotation):
            name, line = node.target.id, node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_constant(node.value):
            name, line = node.targets[0].id, node.lineno
        else:
            continue
        if words(name)[-1:] and words(name)[-1] in MEASURES:
            yield line, f"{name} has no unit; say {name.lower()}_s, {name.lower()}_ms or the like"


def has_one_child(all_sources: list[Source]) -> list[str]:
    """Classes that exist to be derived from, once: a base that nothing shares. The kit's words are for all to come."""
    parents: dict[str, list[str]] = {}
    called: set[str] = set()
    for source in all_sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                parents.setdefault(node.name, [])
                for parent in node.bases:
                    parents.setdefault(ast.unparse(parent), []).append(node.name)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(node.func.id)
    own = set(_classes(all_sources))
    kit = set(_classes(source for source in all_sources if source.room == "kit"))
    return [
        f"{name} has the one child {children[0]}; make them one class"
        for name, children in parents.items()
        if name in own - kit and name not in called and len(children) == 1
    ]


def _classes(some: Iterable[Source]) -> Iterator[str]:
    return (node.name for source in some for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef))


def words(name: str) -> list[str]:
    """``["message", "writer"]`` for ``MessageWriter`` and ``message_writer``."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)]


def _is_number(annotation: ast.expr | None) -> bool:
    return annotation is not None and bool({"int", "float"} & set(re.findall(r"\w+", ast.unparse(annotation))))


def _is_constant(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool)
    )


def test_names_say_something() -> None:
    assert broken(says_nothing, sources()) == []
    assert has_one_child(sources("src/")) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/hutong/infra/utils.py", ""),
        ("src/hutong/infra/text_helpers.py", ""),
        ("src/hutong/domains/chat/events.py", ""),
        ("src/hutong/infra/x.py", "class ConnectionManager: ..."),
        ("src/hutong/infra/x.py", "class HTTPService: ..."),
        ("src/hutong/infra/x.py", "class Event: ..."),
        ("src/hutong/infra/x.py", "def some_util(): ..."),
    ],
)
def test_a_name_that_says_nothing_is_caught(path: str, text: str) -> None:
    assert catches(says_nothing, text, path)


def test_a_base_with_one_child_is_caught() -> None:
    def read(*texts: str) -> list[Source]:
        return [Source(f"src/hutong/{number}.py", text) for number, text in enumerate(texts)]

    assert has_one_child(read("class Sender: ...", "class MailSender(Sender): ..."))
    assert not has_one_child(read("class Sender: ...", "class A(Sender): ...\nclass B(Sender): ..."))
    assert not has_one_child(read("class Sender: ...\nSender()", "class A(Sender): ..."))


def test_get_raises_and_find_may_be_none() -> None:
    assert broken(promises_another_answer, sources("src/")) == []
    assert catches(promises_another_answer, "def get_chat() -> Chat | None: ...")
    assert catches(promises_another_answer, "async def find_chat() -> Chat: ...")
    assert not catches(promises_another_answer, "async def find_chat() -> Chat | None: ...")


def test_every_domain_has_the_same_rooms() -> None:
    assert broken(is_no_room_of_a_domain, sources("src/hutong/domains/")) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("chat/storage.py", "import sqlalchemy"),
        ("chat/mentions.py", "from hutong.infra.db import Base"),
        ("chat/mentions.py", "from .queries import list_members"),
        ("identity/writer.py", "import asyncpg"),
        ("chat/models/chat.py", ""),
        ("chat/actions/groups/mute.py", ""),
    ],
)
def test_another_room_is_caught(path: str, text: str) -> None:
    assert catches(is_no_room_of_a_domain, text, f"src/hutong/domains/{path}")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("chat/mentions.py", "import re\nfrom hutong.kit.text import clean_line\nfrom .errors import TooLong"),
        ("chat/actions/mute.py", "from sqlalchemy import select"),
        ("chat/writer.py", "import asyncpg"),
    ],
)
def test_an_idea_and_a_room_pass(path: str, text: str) -> None:
    assert not catches(is_no_room_of_a_domain, text, f"src/hutong/domains/{path}")


def test_limits_name_their_unit_last() -> None:
    unnamed = [name for name in Limits.__struct_fields__ if not ends_in_a_unit(name)]
    assert unnamed == []
    assert broken(has_no_unit, sources("src/", "benchmarks/")) == []


def ends_in_a_unit(name: str) -> bool:
    """``upload_bytes_max`` and ``recall_window_s`` do; ``segments_max`` counts what it names."""
    return name.rsplit("_", maxsplit=1)[-1] in UNITS | {"max", "min"}


def test_a_limit_without_a_unit_is_caught() -> None:
    assert not ends_in_a_unit("hello_timeout")
    assert ends_in_a_unit("hello_timeout_s")
    assert catches(has_no_unit, "TIMEOUT = 5")
    assert catches(has_no_unit, "def f(timeout: float = 1.0): ...")
    assert catches(has_no_unit, "class L:\n    retry_delay: int = 3")
    assert not catches(has_no_unit, "TIMEOUT_S = 5\ndef f(timeout_s: float): ...")
