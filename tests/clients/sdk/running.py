"""An example of the SDK as a process of its own."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from ..conftest import Town
from ..environments import ROOT
from ..programs import Program, program

__all__ = ["example"]

EXAMPLES = ROOT / "sdk" / "examples"


@asynccontextmanager
async def example(name: str | Path, town: Town, **environment: str) -> AsyncGenerator[Program]:
    """The example (or a script elsewhere), once it is connected."""
    wanted = {
        "HUTONG_URL": town.server.address,
        "HUTONG_TOKEN": town.bot.token,
        "PYTHONPATH": str(ROOT / "sdk" / "src"),
        "PYTHONUNBUFFERED": "1",
        **environment,
    }
    async with program(sys.executable, EXAMPLES / name, environment=wanted) as running:
        await running.until("Connected to ")
        yield running
