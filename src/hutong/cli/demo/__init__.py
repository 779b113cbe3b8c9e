"""``hutong demo``: a columnist's readers in 81 cities, some of them talking just now.

Two hundred and more dialogues in Chinese and as many as a hundred in English, written by hand (``dialogues/``), are
given to people who do not exist. ``plan`` thinks the community out, ``seed`` writes it down, ``live`` keeps it talking;
``apps`` are three bots that answer.
"""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.progress import Progress

from hutong.api import House
from hutong.infra.db import Database
from hutong.infra.telemetry import set_up_logging
from hutong.settings import Settings, default_data_folder

from ..console import say, settings_from
from ..serve import serve_alone
from .apps import answer_commands
from .live import keep_talking
from .plan import LEADS, Plan, make_plan
from .seed import PASSWORD, is_seeded, seed
from .talk import all_dialogues

__all__ = ["demo"]

MEMBERS = 3_000


def demo(
    *,
    members: Annotated[int, Parameter(validator=Number(gte=100, lte=200_000))] = MEMBERS,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> None:
    """Start a hutong full of people, in a data folder of its own.

    The first start fills it; later ones find it as it was left.

    Parameters
    ----------
    members
        How many people there are.
    data
        The data folder. Its default lies beside that of ``serve`` and ends in -demo.
    host
        The address to listen on.
    port
        The port for everything.
    """
    set_up_logging()
    settings = settings_from(data or _demo_folder(), host=host, port=port)
    dialogues = all_dialogues()
    plans: list[Plan] = []
    size = settings.data / "demo-members"

    async def prepare(settings: Settings) -> None:
        database = Database(settings.database_url)
        try:
            now = datetime.now(UTC)
            if await is_seeded(database):
                say("The community is there already")
                plans.append(make_plan(int(size.read_text()), dialogues, now))
                return
            size.write_text(str(members))
            plans.append(make_plan(members, dialogues, now))
            await _fill(database, plans[0], now)
        finally:
            await database.close()

    async def talk(house: House) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_talking(house, plans[0], dialogues))
            tasks.create_task(answer_commands(house))

    serve_alone(settings, prepare, lambda: _greet(settings), talk)


async def _fill(database: Database, plan: Plan, now: datetime) -> None:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Settling the readers", total=len(plan.groups))
        await seed(database, plan, now, lambda groups: progress.advance(task, groups))
    turns = sum(len(talk.dialogue.turns) for group in plan.groups for talk in group.talks)
    say(f"{len(plan.people):,} people in {len(plan.groups)} groups have said {turns:,} things")


def _demo_folder() -> Path:
    if folder := os.environ.get("HUTONG_DATA"):
        return Path(f"{folder}-demo")
    usual = default_data_folder()
    return usual.with_name(f"{usual.name}-demo")


def _greet(settings: Settings) -> None:
    say("")
    say(f"hutong is at http://{settings.host}:{settings.port}")
    say(f"Sign in as one of these; the password of all is {PASSWORD}")
    for person in LEADS:
        say(f"  {person.handle:<8}  {person.nickname} · {person.city}  {person.about}")
    say("Ctrl-C stops it; nothing is lost.")
