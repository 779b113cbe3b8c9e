"""Carries out what bots ask for, at once, in the background, or one after the other."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

import msgspec
import structlog

from hutong.kit.errors import HutongError

from .actions import is_action, perform
from .answers import ACCEPTED, NO_SUCH_ACTION, REFUSED, ActionFailed, Request, answer_of, failure_of
from .robot import Robot

__all__ = ["Clerk", "has_action"]

log = structlog.get_logger()

_ASYNC = "_async"
_RATE_LIMITED = "_rate_limited"
_WAITING_MAX = 200
_AT_ONCE_MAX = 1_000
_PUT_OFF_BYTES_MAX = 262_144


def has_action(name: str) -> bool:
    """Whether there is an action of that name, with or without a suffix, be it one that is refused."""
    return is_action(_split(name)[0])


class Clerk:
    """For all bots of this process. An action whose name ends in ``_async`` is answered before it is done, and so is
    one in ``_rate_limited``; of the latter a bot gets one each ``rate_limited_every_s``."""

    def __init__(self, *, rate_limited_every_s: float = 0.5) -> None:
        self._every_s = rate_limited_every_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, deque[tuple[Robot, Request]]] = {}

    async def answer(self, robot: Robot, request: Request) -> bytes:
        """What to send back. An error of ours becomes a failure."""
        name, later = _split(request.action)
        if not later:
            return await self._settle(robot, request, name)
        if not is_action(name):
            return failure_of(ActionFailed(NO_SUCH_ACTION, f"there is no action {name}"), request.echo)
        if len(msgspec.json.encode(request.params)) > _PUT_OFF_BYTES_MAX:
            # What waits is kept in memory, and a picture would be kept there whole.
            return failure_of(ActionFailed(REFUSED, "this is too large to be done later"), request.echo)
        if not self._put_off(robot, request, name, later):
            return failure_of(ActionFailed(REFUSED, "too many actions are waiting"), request.echo)
        return answer_of(ACCEPTED, request.echo)

    async def _settle(self, robot: Robot, request: Request, name: str) -> bytes:
        try:
            return answer_of(await perform(robot, name, request.params or {}), request.echo)
        except (ActionFailed, HutongError) as error:
            return failure_of(error, request.echo)
        except Exception:
            # The edge of an action: the bot is told that it failed, and what else it asks for goes on.
            log.exception("onebot11.action_failed", action=name, bot=robot.number)
            return failure_of(HutongError(), request.echo)

    def _put_off(self, robot: Robot, request: Request, name: str, later: str) -> bool:
        """Has it done later; False where too much waits already."""
        if later == _ASYNC:
            if len(self._tasks) >= _AT_ONCE_MAX:
                return False
            self._spawn(self._do(robot, request, name))
            return True
        waiting = self._waiting.get(robot.number)
        if waiting is None:
            waiting = self._waiting[robot.number] = deque()
            self._spawn(self._work_off(robot.number))
        if len(waiting) >= _WAITING_MAX:
            return False
        waiting.append((robot, Request(name, request.params)))
        return True

    async def _do(self, robot: Robot, request: Request, name: str) -> None:
        await self._settle(robot, request, name)

    async def _work_off(self, number: int) -> None:
        """One action after the other, with a pause after each, until none of the bot waits."""
        waiting = self._waiting[number]
        while waiting:
            robot, request = waiting.popleft()
            await self._settle(robot, request, request.action)
            await asyncio.sleep(self._every_s)
        del self._waiting[number]

    def _spawn(self, step: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _split(action: str) -> tuple[str, str]:
    """An action's own name, and the suffix that says when it is to be done."""
    for suffix in (_ASYNC, _RATE_LIMITED):
        if action.endswith(suffix):
            return action.removesuffix(suffix), suffix
    return action, ""
