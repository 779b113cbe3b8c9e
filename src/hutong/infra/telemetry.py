"""What the operator sees: logs in one shape, measures for Prometheus, and how long the event loop was held up.

A log line goes to stderr, as a JSON object, or readable where that is a terminal. Where several processes serve on one
port, whichever of them is asked shows the measures of all, each under its own label ``process``; they leave them for
each other in a folder (``SharedMeasures``).
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

import msgspec
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from structlog.tracebacks import ExceptionDictTransformer

__all__ = ["LoopLag", "SharedMeasures", "measures_as_text", "set_up_logging", "share_measures"]

LAG = Histogram(
    "hutong_loop_lag_seconds",
    "How much later than asked the event loop woke somebody up.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0),
)
LAG_WORST = Gauge(
    "hutong_loop_lag_worst_seconds",
    "The longest that the event loop was held up in the last ten seconds.",
)


class LoopLag:
    """Looks every ``every_s`` whether the event loop is on time. Nothing may hold it longer than 10 ms."""

    def __init__(self, every_s: float = 0.1) -> None:
        self._every_s = every_s
        self._lately: list[float] = [0.0]
        self._worst = 0.0

    @property
    def worst_s(self) -> float:
        """The longest delay since the last ``forget``."""
        return max(self._worst, *self._lately)

    def forget(self) -> None:
        self._worst = 0.0
        self._lately = [0.0]

    async def watch(self) -> None:
        """Runs until it is cancelled."""
        while True:
            # The loop's own clock stands still between its turns, and counts whole milliseconds in uvloop.
            due = time.perf_counter() + self._every_s
            await asyncio.sleep(self._every_s)
            lag = max(0.0, time.perf_counter() - due)
            LAG.observe(lag)
            self._worst = max(self._worst, lag)
            self._lately = [*self._lately[-round(10 / self._every_s) :], lag]
            LAG_WORST.set(max(self._lately))


def set_up_logging(level: int = logging.INFO) -> None:
    """One shape for our own log lines and for those of the libraries. Once in a process, before anything is logged."""
    readable = sys.stderr.isatty()
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Where something fails, the variables of the moment are passwords, tokens and what people say to each other.
    if readable:
        formatter = structlog.dev.RichTracebackFormatter(show_locals=False)
        processors += [structlog.dev.ConsoleRenderer(exception_formatter=formatter)]
    else:
        tracebacks = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        processors += [tracebacks, structlog.processors.JSONRenderer(_as_json)]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)


class _Stderr:
    """Where log lines go. Nothing may fail because the terminal that hutong was started from has been closed."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


class _ToStructlog(logging.Handler):
    """Passes on what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)


def _as_json(line: object, **options: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


class SharedMeasures(Collector):
    """The measures of the processes that serve together: this one's as they are, the others' as they were when they
    last wrote them into the folder. ``name`` tells this process from the others, and stays when it is started again."""

    def __init__(self, folder: Path, name: str, own: CollectorRegistry = REGISTRY) -> None:
        self._folder = folder
        self._name = name
        self._own = own
        self._file = folder / f"{name}.json"

    async def keep(self, every_s: float = 5.0) -> None:
        """Writes this process's measures for the others, until cancelled."""
        while True:
            await asyncio.to_thread(self.write)
            await asyncio.sleep(every_s)

    def write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(self._read_own()))
        fresh.replace(self._file)

    def collect(self) -> Iterator[Metric]:
        found = self._read_own()
        for file in sorted(self._folder.glob("*.json")):
            if file != self._file:
                found += msgspec.json.decode(file.read_bytes(), type=list[_Family])
        families: dict[str, Metric] = {}
        for one in found:
            family = families.setdefault(one.name, Metric(one.name, one.says, one.kind))
            family.samples += [Sample(name, labels, value) for name, labels, value in one.samples]
        yield from families.values()

    def _read_own(self) -> list["_Family"]:
        label = {"process": self._name}
        return [
            _Family(one.name, one.documentation, one.type, [(s.name, s.labels | label, s.value) for s in one.samples])
            for one in self._own.collect()
        ]


class _Family(msgspec.Struct, array_like=True):
    """A measure with its samples, as it lies in the folder."""

    name: str
    says: str
    kind: str
    samples: list[tuple[str, dict[str, str], float]]


_shown = REGISTRY


def share_measures(folder: Path, name: str) -> SharedMeasures:
    """From now on this process shows the measures of all that share the folder. The caller lets it ``keep`` them."""
    global _shown
    shared = SharedMeasures(folder, name)
    _shown = CollectorRegistry()
    _shown.register(shared)
    return shared


def measures_as_text() -> bytes:
    """The measures that this process shows, in Prometheus' text format."""
    return generate_latest(_shown)
