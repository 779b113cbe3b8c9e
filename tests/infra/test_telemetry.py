"""What the operator sees: how long the loop was held up, the measures of all processes, log lines in one shape."""

import asyncio
import io
import json
import logging
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hutong.cli.console import say
from hutong.infra.db import Database
from hutong.infra.telemetry import LoopLag, SharedMeasures, set_up_logging


async def test_a_loop_that_is_held_up_shows() -> None:
    lag = LoopLag(every_s=0.01)
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0.05)
    lag.forget()
    time.sleep(0.2)  # noqa: ASYNC251 - the loop is to be held up
    await asyncio.sleep(0.05)
    watching.cancel()

    assert 0.15 < lag.worst_s < 2
    lag.forget()
    assert lag.worst_s == 0


@pytest.fixture
def restored_logging() -> Generator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def process(folder: Path, name: str, answered: int, seconds: float) -> tuple[CollectorRegistry, SharedMeasures]:
    """A process of two, its own measures and those that it shows."""
    own, shown = CollectorRegistry(), CollectorRegistry()
    Counter("answered", "Requests.", ("route",), registry=own).labels("/").inc(answered)
    Gauge("lag", "Seconds.", registry=own).set(seconds)
    Histogram("took", "Seconds.", buckets=(1,), registry=own).observe(seconds)
    shared = SharedMeasures(folder, name, own)
    shown.register(shared)
    return shown, shared


def test_a_process_shows_the_measures_of_all(tmp_path: Path) -> None:
    shown, _ = process(tmp_path, "0", 3, 0.25)
    _, other = process(tmp_path, "1", 4, 0.5)
    assert 'process="1"' not in generate_latest(shown).decode()
    other.write()

    lines = generate_latest(shown).decode().splitlines()

    assert lines.count("# TYPE answered_total counter") == 1
    for line in (
        'answered_total{process="0",route="/"} 3.0',
        'answered_total{process="1",route="/"} 4.0',
        'lag{process="0"} 0.25',
        'lag{process="1"} 0.5',
        'took_bucket{le="+Inf",process="1"} 1.0',
    ):
        assert line in lines, lines


async def test_what_is_shared_is_kept_fresh(tmp_path: Path) -> None:
    own = CollectorRegistry()
    gauge = Gauge("open", "Sockets.", registry=own)
    keeping = asyncio.create_task(SharedMeasures(tmp_path, "0", own).keep(every_s=0.01))
    shown, _ = process(tmp_path, "1", 0, 0)
    for sockets in (1, 2):
        gauge.set(sockets)
        await asyncio.sleep(0.3)
        assert f'open{{process="0"}} {sockets}.0' in generate_latest(shown).decode()
    keeping.cancel()


class ClosedTerminal(io.StringIO):
    """What is left of a terminal that was closed."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_a_closed_terminal_stops_nothing(monkeypatch: pytest.MonkeyPatch, restored_logging: None) -> None:
    monkeypatch.setattr(sys, "stderr", ClosedTerminal())
    monkeypatch.setattr(sys, "stdout", ClosedTerminal())
    set_up_logging()

    structlog.get_logger().warning("gateway.opened")
    logging.getLogger("some.library").warning("it is late")
    say("PostgreSQL is back")


def test_our_lines_and_those_of_libraries_have_one_shape(
    monkeypatch: pytest.MonkeyPatch, restored_logging: None
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    set_up_logging()
    structlog.get_logger().info("gateway.opened", path=Path("/a"), number=1)
    logging.getLogger("some.library").warning("it is %s", "late")
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("job.failed")

    ours, library, failed = map(json.loads, written.getvalue().splitlines())
    assert (ours["event"], ours["level"], ours["number"]) == ("gateway.opened", "info", 1)
    assert (library["event"], library["level"], library["logger"]) == ("it is late", "warning", "some.library")
    assert failed["exception"][0]["exc_value"] == "broken"


@pytest.mark.parametrize("in_a_terminal", [False, True])
def test_what_fails_is_logged_without_the_variables_of_the_moment(
    monkeypatch: pytest.MonkeyPatch, restored_logging: None, in_a_terminal: bool
) -> None:
    class Shown(io.StringIO):
        def isatty(self) -> bool:
            return in_a_terminal

    def sign_in(password: str) -> None:
        raise RuntimeError("this was not to be expected")

    shown = Shown()
    monkeypatch.setattr(sys, "stderr", shown)
    set_up_logging()
    try:
        sign_in("-".join(("seven", "green", "lanterns")))
    except RuntimeError:
        structlog.get_logger().exception("request.failed")

    assert "this was not to be expected" in shown.getvalue()
    assert "seven-green-lanterns" not in shown.getvalue()


async def test_an_error_of_the_database_does_not_tell_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with database.transaction() as session:
            await session.execute(text("SELECT CAST(:words AS text), 1 / 0"), {"words": "between you and me"})
    assert "between you and me" not in str(failed.value)
