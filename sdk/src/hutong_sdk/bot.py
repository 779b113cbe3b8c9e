"""A bot: what it does on hearing something."""

import asyncio
import contextlib
import logging
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from .client import Client
from .errors import Refused
from .feed import Feed
from .heard import Change, Heard, Message, Press, begin_keys, key_of_its_own
from .memory import Memory
from .segments import Segment
from .turns import Turns
from .views import Command, Sent
from .webhooks import receiver

__all__ = ["Bot"]

_log = logging.getLogger("hutong_sdk")
_ENDS_WITHIN_S = 10
_CALL = re.compile(r"/(\w{1,32})(?:@([\w-]{1,40}))?(?=\s|$)(.*)", re.DOTALL)
_Does = TypeVar("_Does", bound=Callable[..., Awaitable[object]])
_Handler = Callable[[Any], Awaitable[object]]


class Bot(Client):
    """A bot of one hutong, at ``url``, with its ``token``.

    Handlers are put up with the decorators below. Of a message the most particular ones run, all of their kind: those
    of the command, else those of mentions, else those of messages. What happens in one chat is handled in its order.
    A handler that raises is logged, and the bot goes on.

    With ``remember``, a file, the bot goes on where it was when it is started again, and hears what it missed; without
    it, what happens from now on. After a crash something may be heard a second time; what a handler said the first time
    is not said again.
    """

    def __init__(self, url: str, token: str, *, remember: Path | str | None = None, patience_s: float = 3600) -> None:
        super().__init__(url, token, patience_s=patience_s)
        self._feed = Feed(self)
        self._turns = Turns(self._handle)
        self._memory = Memory(Path(remember)) if remember is not None else None
        self._remembering: asyncio.Task[None] | None = None
        self._is_started = False
        self._commands: dict[str, list[_Handler]] = {}
        self._changes: dict[str | None, list[_Handler]] = {}
        self._presses: dict[str, list[_Handler]] = {}
        self._shown: dict[str, Command] = {}
        self._names: set[str] = set()
        self._mentions: list[_Handler] = []
        self._messages: list[_Handler] = []
        self._starts: list[Callable[[], Awaitable[object]]] = []

    @property
    def number(self) -> int:
        """The bot's own number, known once it is connected."""
        return self._feed.number

    @property
    def nickname(self) -> str:
        return self._feed.nickname

    @property
    def last_event(self) -> int:
        """Everything up to there has been handled. An app that keeps this itself hands it to ``listen``."""
        return self._turns.done

    def on_start(self, handler: _Does) -> _Does:
        """Called once, without arguments, when the bot has been welcomed for the first time."""
        self._starts.append(handler)
        return handler

    def on_message(self, handler: _Does) -> _Does:
        """Called with every ``Message`` of people; not with those of bots, lest they answer each other for ever."""
        self._messages.append(handler)
        return handler

    def on_mention(self, handler: _Does) -> _Does:
        """Called with every ``Message`` that names the bot."""
        self._mentions.append(handler)
        return handler

    def on_command(self, name: str, about: str = "", usage: str = "") -> Callable[[_Does], _Does]:
        """Called with every ``Message`` that begins with ``/name``; what stands behind it is in its ``words``. With
        ``about``, a few words, people are shown it when they write a ``/``, and the bot hears it everywhere; without,
        only where it may read all messages."""

        def put_up(handler: _Does) -> _Does:
            known = name.casefold().removeprefix("/")
            self._commands.setdefault(known, []).append(handler)
            if about:
                self._shown[known] = Command(known, about, usage)
            return handler

        return put_up

    def on_press(self, data: str) -> Callable[[_Does], _Does]:
        """Called with every ``Press`` of a button or form whose data are these, or these and more behind a colon, which
        is then in its ``words``: ``on_press("vote")`` hears of ``vote`` and ``vote:tea``."""

        def put_up(handler: _Does) -> _Does:
            self._presses.setdefault(data, []).append(handler)
            return handler

        return put_up

    def on_change(self, *kinds: str) -> Callable[[_Does], _Does]:
        """Called with every ``Change`` of these kinds (``joined``, ``left``, ``recalled`` …), or with all of them."""

        def put_up(handler: _Does) -> _Does:
            for kind in kinds or (None,):
                self._changes.setdefault(kind, []).append(handler)
            return handler

        return put_up

    async def send(self, chat: int, *what: str | Segment, key: str | None = None) -> Sent:
        """Says something; once, even where what a handler says it for is heard again after a crash."""
        return await super().send(chat, *what, key=key or key_of_its_own())

    async def typing(self, chat: int) -> None:
        """Shows for a few seconds that the bot writes."""
        await self._feed.typing(chat)

    def run(self) -> None:
        """Runs the bot until it is told to end (SIGINT, SIGTERM), and says on the terminal what goes on, unless logging
        is set up already. Raises ``SignInNeeded`` where the token is not good."""
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(self._until_told(self.listen()))

    def run_webhook(self, secret: str, *, host: str = "127.0.0.1", port: int = 8080, path: str = "/") -> None:
        """Runs the bot on deliveries to this address instead of a connection, until it is told to end. ``secret`` is
        that of the outlet. What is delivered twice is handled twice; what handlers say then is still said once."""
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(self._until_told(self._receive(secret, host, port, path)))

    async def listen(self, after: int | None = None) -> None:
        """Connects, and hears what happens until it is cancelled: after that event, or else as ``remember`` has it."""
        remembered = await asyncio.to_thread(self._memory.recall) if self._memory is not None else None
        self._feed.last = after if after is not None else remembered
        try:
            async with contextlib.aclosing(self._feed.frames()) as frames:
                async for frame in frames:
                    await self._take(frame)
        finally:
            await self._turns.finish(_ENDS_WITHIN_S)
            if self._remembering is not None and self._memory is not None:
                self._remembering.cancel()
                await asyncio.gather(self._remembering, return_exceptions=True)
                self._memory.keep(self.last_event)
            await self.close()

    async def hear(self, frame: dict[str, Any]) -> None:
        """Handles one event that came another way, as by a webhook, and returns when that is done."""
        await self._introduce()
        await (await self._turns.take(self._heard(frame))).wait()

    async def _receive(self, secret: str, host: str, port: int, path: str) -> None:
        await self._introduce()
        await self._start()
        application = web.Application()
        application.router.add_post(path, receiver(secret, self.hear))
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            _log.info("Waiting for deliveries at http://%s:%s%s", host, port, path)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()
            await self._turns.finish(_ENDS_WITHIN_S)
            await self.close()

    async def _introduce(self) -> None:
        """Asks who the bot is, where no connection has told."""
        if not self._feed.number:
            me = await self.me()
            self._feed.number, self._feed.nickname = me.number, me.nickname

    async def _until_told(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # There are no such signals on Windows.
                loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _take(self, frame: dict[str, Any]) -> None:
        if frame["on"] == "welcome":
            self._turns.begin_after(self._feed.last or 0)
            await self._start()
        elif frame["on"] == "gap":
            _log.warning("Events %s to %s are not kept any more", frame["from"], frame["to"])
            self._turns.begin_after(frame["to"])
        else:
            await self._turns.take(self._heard(frame))

    async def _start(self) -> None:
        """What is done on the first welcome."""
        if self._is_started:
            return
        self._is_started = True
        if self._memory is not None and self._feed.last is not None:
            self._remembering = asyncio.create_task(self._memory.follow(lambda: self.last_event))
        try:
            self._names = {str(self.number), str((await self.profile(self.number)).handle)}
            if self._shown:
                await self.set_commands(self._shown.values())
        except Refused as refused:
            _log.warning("The commands are not shown to people: %s", refused)
        _log.info("Connected to %s as %s (%s)", self.url, self.nickname, self.number)
        for handler in self._starts:
            await handler()

    def _heard(self, frame: dict[str, Any]) -> Heard:
        kind = {"message": Message, "pressed": Press}.get(frame["on"], Change)
        return kind(self, self.number, frame)

    async def _handle(self, heard: Heard) -> None:
        for handler in self._fitting(heard):
            begin_keys(self.number, heard.event, getattr(handler, "__qualname__", type(handler).__name__))
            try:
                await handler(heard)
            except Exception:  # A handler may raise anything, and the others go on.
                _log.exception("The handler %r has failed on %r", handler, heard)

    def _fitting(self, heard: Heard) -> list[_Handler]:
        match heard:
            case Message():
                return [] if heard.is_recalled or heard.sender.bot else self._fitting_words(heard)
            case Press():
                name, _, heard.words = heard.data.partition(":")
                return self._presses.get(name, [])
            case _:
                return [*self._changes.get(heard.on, ()), *self._changes.get(None, ())]

    def _fitting_words(self, message: Message) -> list[_Handler]:
        call = _CALL.match(message.text)
        if call is not None:
            if call[2] is not None and call[2].casefold() not in self._names:
                return []  # It is for another bot.
            if found := self._commands.get(call[1].casefold()):
                message.words = call[3].strip()
                return found
        message.words = message.text
        return self._mentions if message.mentions_me and self._mentions else self._messages
