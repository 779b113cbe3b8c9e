"""One WebSocket of a bot, whoever has opened it: events go out, actions come in, answers go out."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
import structlog

from hutong.domains.openplatform import Heard
from hutong.kit.errors import HutongError

from .answers import BAD_REQUEST, REFUSED, ActionFailed, Request, failure_of, read_request
from .clerk import Clerk
from .ear import Ear
from .hearing import for_bot
from .robot import Robot

__all__ = ["Line", "LineRole", "heartbeat", "lifecycle"]

log = structlog.get_logger()

_LARGE_BYTES = 262_144

LineRole = Literal["universal", "api", "event"]

Send = Callable[[bytes], Awaitable[None]]
"""Sends a text frame. Raises ``OSError`` or its like once the other side is gone."""

Receive = Callable[[], Awaitable[bytes | str | None]]
"""The next frame; None once the other side is gone."""

Close = Callable[[str], Awaitable[None]]
"""Closes the socket, and says why."""

Passed = Callable[[int], Awaitable[None]]
"""Told the number of the last event that was sent."""


def lifecycle(self_id: int, sub_type: str, at: float) -> bytes:
    """The event that a connection begins with."""
    told = {"time": int(at), "post_type": "meta_event", "meta_event_type": "lifecycle", "sub_type": sub_type}
    return for_bot(self_id, msgspec.json.encode(told))


def heartbeat(self_id: int, interval_ms: int, at: float) -> bytes:
    """The event that says that all is well, and when the next one comes."""
    told = {"time": int(at), "post_type": "meta_event", "meta_event_type": "heartbeat", "interval": interval_ms}
    return for_bot(self_id, msgspec.json.encode(told | {"status": {"online": True, "good": True}}))


class Line:
    """``after`` is the last event that the bot has had; without it, it hears what comes from now on."""

    def __init__(
        self,
        robot: Robot,
        ear: Ear,
        clerk: Clerk,
        *,
        role: LineRole,
        send: Send,
        receive: Receive,
        close: Close,
        after: int | None = None,
        passed: Passed | None = None,
        heartbeat_ms: int = 0,
    ) -> None:
        self._robot = robot
        self._ear = ear
        self._clerk = clerk
        self._role = role
        self._send = send
        self._receive = receive
        self._close = close
        self._after = after
        self._passed = passed
        self._heartbeat_ms = heartbeat_ms
        self._answering: set[asyncio.Task[None]] = set()
        self._greeted = asyncio.Event()

    async def run(self) -> None:
        """Until the other side is gone, or the bot may not be here any more."""
        speaking = asyncio.create_task(self._speak())
        beating = asyncio.create_task(self._beat()) if self._heartbeat_ms else None
        try:
            await self._greeted.wait()
            while (payload := await self._receive()) is not None:
                await self._take(payload)
        finally:
            for task in (speaking, beating, *self._answering):
                if task is not None:
                    task.cancel()

    async def _speak(self) -> None:
        """Sends what the bot hears; on a line for actions alone it only watches whether the bot may stay."""
        try:
            async with self._robot.desk.feed(self._robot.actor, self._after) as feed:
                if self._role != "api":
                    await self._send(lifecycle(self._robot.number, "connect", time.time()))
                self._greeted.set()
                async for found in feed:
                    if self._role != "api":
                        await self._tell(found)
        except HutongError as error:
            await self._close(error.detail)
        except OSError:
            await self._close("the other side is gone")
        except Exception:
            # The edge of a line: a bot that hears nothing any more must know, and come again.
            log.exception("onebot11.line_failed", bot=self._robot.number)
            await self._close("something went wrong here")
        finally:
            self._greeted.set()

    async def _tell(self, found: list[Heard]) -> None:
        for _, frame in found:
            for told in await self._ear.hear(self._robot, frame):
                await self._send(told)
        if self._passed is not None:
            await self._passed(found[-1][0])

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_ms / 1000)
            await self._send(heartbeat(self._robot.number, self._heartbeat_ms, time.time()))

    async def _take(self, payload: bytes | str) -> None:
        if self._role == "event":
            return
        # A picture comes within a frame, and may be of many megabytes.
        large = len(payload) > _LARGE_BYTES
        request = await asyncio.to_thread(read_request, payload) if large else read_request(payload)
        if request is None:
            await self._send(failure_of(ActionFailed(BAD_REQUEST, "this is no request")))
        elif len(self._answering) >= self._robot.desk.limits.bot_frames_waiting_max:
            await self._send(failure_of(ActionFailed(REFUSED, "too many actions at once"), request.echo))
        else:
            # Bots wait for one answer while they ask for something else.
            task = asyncio.create_task(self._answer(request))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, request: Request) -> None:
        answer = await self._clerk.answer(self._robot, request)
        try:
            await self._send(answer)
        except OSError:
            log.info("onebot11.answer_came_too_late", bot=self._robot.number, action=request.action)
