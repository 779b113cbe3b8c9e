"""The bus: what is said now to the other processes. Core NATS, at most once; JetStream carries what must not be missed.

A process never hears its own words (``no_echo``): what it publishes it has already delivered itself. After a break the
``on_return`` callables run, so that whoever listens can compare with the database and catch up.

Subjects: ``chat.<id>`` (frames of a conversation), ``account.<number>`` (what concerns one account's devices),
``facts.<topic>`` (JetStream).
"""

import asyncio
from collections.abc import Awaitable, Callable

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

__all__ = ["Bus", "Heard"]

log = structlog.get_logger()

Heard = Callable[[str, bytes], Awaitable[None]]
"""Called with the subject and the payload of what another process said."""


class Bus:
    """One connection to NATS. It comes back by itself, for ever; while it is away nothing is queued."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.on_return: list[Callable[[], Awaitable[None]]] = []
        self._client = Client()
        self._unsaid: list[tuple[str, bytes]] = []
        self._something_unsaid = asyncio.Event()
        self._speaking: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        return self._client.is_connected

    @property
    def jetstream(self) -> JetStreamContext:
        return self._client.jetstream()

    async def connect(self) -> None:
        self._client = await nats.connect(
            self.url,
            name="hutong",
            no_echo=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            pending_size=0,
            error_cb=self._on_error,
            disconnected_cb=self._on_break,
            reconnected_cb=self._on_return,
        )
        self._speaking = asyncio.create_task(self._speak())

    def say(self, subject: str, payload: bytes) -> None:
        """Publishes without waiting, in order. What cannot leave now is lost: listeners catch up from the database."""
        if self._client.is_connected:
            self._unsaid.append((subject, payload))
            self._something_unsaid.set()

    async def _speak(self) -> None:
        while True:
            await self._something_unsaid.wait()
            self._something_unsaid.clear()
            unsaid, self._unsaid = self._unsaid, []
            for subject, payload in unsaid:
                try:
                    await self._client.publish(subject, payload)
                except NatsError as error:
                    log.warning("bus.say_failed", subject=subject, error=str(error) or type(error).__name__)

    async def listen(self, subject: str, heard: Heard) -> Subscription:
        async def on_message(message: Msg) -> None:
            await heard(message.subject, message.data)

        return await self._client.subscribe(subject, cb=on_message)

    async def close(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
        if not self._client.is_closed:
            await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        log.warning("bus.error", error=str(error) or type(error).__name__)

    async def _on_break(self) -> None:
        log.warning("bus.away")

    async def _on_return(self) -> None:
        log.info("bus.back")
        for step in self.on_return:
            await step()
