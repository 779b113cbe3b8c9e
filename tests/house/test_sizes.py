"""Functions to 60 lines, 95 of 100 of them to 40; Python files to 500 lines, those of the client to 250."""

from collections.abc import Iterable, Iterator

from .source import Source, broken, catches, functions, sources

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_P95_MAX = 40
PYTHON_LINES_MAX = 500
CLIENT_LINES_MAX = 250
CLIENT = (".ts", ".js", ".svelte", ".css")


def has_a_long_function(source: Source) -> Iterator[tuple[int, str]]:
    for function in functions(source.tree):
        lines = function_lines(function)
        if lines > FUNCTION_LINES_MAX:
            yield function.lineno, f"{function.name} has {lines} lines"


def is_a_long_file(source: Source) -> Iterator[tuple[int, str]]:
    lines_max = PYTHON_LINES_MAX if source.path.endswith(".py") else CLIENT_LINES_MAX
    if len(source.lines) > lines_max:
        yield lines_max, f"the file has {len(source.lines)} lines"


def function_lines(function: object) -> int:
    """From ``def`` to the last line, the docstring included."""
    first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0)
    return int(last) - int(first) + 1


def percentile_95(numbers: Iterable[int]) -> int:
    """The smallest number that 95 of 100 do not exceed; 0 for none."""
    ordered = sorted(numbers)
    return ordered[-(-95 * len(ordered) // 100) - 1] if ordered else 0


def test_functions_are_short() -> None:
    assert broken(has_a_long_function, sources()) == []


def test_most_functions_are_shorter() -> None:
    lengths = [function_lines(one) for source in sources("src/") for one in functions(source.tree)]
    assert percentile_95(lengths) <= FUNCTION_LINES_P95_MAX


def test_files_are_short() -> None:
    assert broken(is_a_long_file, sources()) == []
    assert broken(is_a_long_file, sources("web/", endings=CLIENT)) == []


def test_what_is_long_is_caught() -> None:
    def body(lines: int) -> str:
        return "def f():\n" + "    x = 1\n" * (lines - 1)

    assert catches(has_a_long_function, body(61))
    assert not catches(has_a_long_function, body(60))
    assert catches(is_a_long_file, "x = 1\n" * 501)
    assert not catches(is_a_long_file, "x = 1\n" * 500)
    assert catches(is_a_long_file, "let x;\n" * 251, "web/src/views/chat/Chat.svelte")
    assert percentile_95([*[10] * 94, *[50] * 6]) == 50
    assert percentile_95([*[10] * 95, *[50] * 5]) == 10
