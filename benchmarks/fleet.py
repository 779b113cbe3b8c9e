"""The two tools in C, run as processes beside this one: a fleet of clients, and the bare loop of ``send()``."""

import json
import os
import select
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .machine import OTHER_CORE, SERVER_CORE, tool

Answer = dict[str, Any]


class Program:
    """A program beside this one that says what it has to say in lines of JSON, and ends with its standard input."""

    def __init__(self, words: list[str], *, core: int) -> None:
        self.name = words[0]
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )

    def answer(self, timeout_s: float = 120) -> Answer:
        """The next object it prints. Raises ``RuntimeError`` where it ends or keeps silent."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], timeout_s)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            raise RuntimeError(f"{self.name} said nothing for {timeout_s} s, or ended.")
        answer: Answer = json.loads(line)
        return answer

    def start_round(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def round(self) -> Answer:
        self.start_round()
        return self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Tool(Program):
    """A tool in C that answers each ``go`` with one object."""

    def __init__(self, name: str, *words: object, core: int = OTHER_CORE) -> None:
        super().__init__([str(tool(name)), *map(str, words)], core=core)


class Clients(Tool):
    """Signed-in clients, all connected and quiet. ``mode`` is ``closed``, ``open`` or ``idle``."""

    def __init__(self, mode: str, port: int, tokens: Path, **options: object) -> None:
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        super().__init__("loadgen", mode, "--port", port, "--tokens", tokens, *words)
        self.connected = self.answer(timeout_s=600)


class Yardstick:
    """The loop of ``send()`` on the server's core and its readers on the other, connected and quiet."""

    def __init__(self, frame: Path, connections: int, groups: int, seconds: float, rate: float = 0) -> None:
        self.loop = Tool(
            "sendloop", "--port", 0, "--connections", connections, "--groups", groups, "--frame", frame,
            "--seconds", seconds, "--rate", rate, core=SERVER_CORE,
        )  # fmt: skip
        port = self.loop.answer()["listening"]
        self.readers = Tool("loadgen", "reader", "--port", port, "--connections", connections)
        self.loop.answer()
        self.readers.answer()

    def round(self) -> Answer:
        """Deliveries and latency as the readers saw them, with the loop's own figures under ``loop``."""
        self.readers.start_round()
        answer = self.loop.round()
        return self.readers.answer() | {"loop": answer}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.readers.__exit__(kind, error, trace)
        self.loop.__exit__(kind, error, trace)
