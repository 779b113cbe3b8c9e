"""The bus: what is said now to the other processes. Core NATS, at most once; JetStream carries what must not be missed.

A process never hears its own words (``no_echo``): what it publishes it has already delivered itself. After a break the
``on_return`` callables run, so that whoever listens can compare with the database and catch up.

Subjects: ``chat.<id>`` (frames of a conversation), ``account.<number>`` (what concerns one account's devices),
``facts.<topic>`` (JetStream).
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

__all__ = ["LOOK", "STOPPING", "Bus", "Following", "Heard"]

log = structlog.get_logger()

Heard = Callable[[str, bytes], Awaitable[None]]
"""Called with the subject and the payload of what another process said."""


Overheard = Callable[[bytes], None]

LOOK = b"?"
"""Said on a subject whose news may have got lost: look at the table."""

STOPPING = "stopping"
"""The subject on which a process says to itself that it takes no more requests: those that wait for something end."""

_IN_DOUBT_S = 5.0


class Following:
    """Somebody's ear on one subject, until it is closed."""

    def __init__(self, bus: "Bus", subject: str, hear: Overheard) -> None:
        self._bus = bus
        self.subject = subject
        self.hear = hear
        self.subscription: Subscription | None = None

    async def close(self) -> None:
        """Hears nothing more; closing again does nothing."""
        self._bus.forget(self)
        subscription, self.subscription = self.subscription, None
        if subscription is not None:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()


class Bus:
    """One connection to NATS. It comes back by itself, for ever; while it is away nothing is queued.

    What was said shortly before a break may not have arrived, and what was to be said during it did not leave. So when
    the bus is back, ``LOOK`` is said on those subjects: whoever follows them compares with the database.
    """

    def __init__(self, url: str, *, replicas: int = 1, facts_bytes_max: int = -1) -> None:
        """``replicas`` is how many servers of a cluster keep what goes through JetStream, and ``facts_bytes_max`` how
        much each of them keeps of it; -1 is without a bound."""
        self.url = url
        self.replicas = replicas
        self.facts_bytes_max = facts_bytes_max
        self.on_return: list[Callable[[], Awaitable[None]]] = []
        self._client = Client()
        self._unsaid: list[tuple[str, bytes]] = []
        self._something_unsaid = asyncio.Event()
        self._one_speaks = asyncio.Lock()
        self._closing = False
        self._speaking: asyncio.Task[None] | None = None
        self._recent: dict[str, float] = {}
        self._recent_swept_at = 0.0
        self._followings: dict[str, list[Following]] = {}

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
        self._remember(subject)
        if self._client.is_connected:
            self._unsaid.append((subject, payload))
            self._something_unsaid.set()

    def _remember(self, subject: str) -> None:
        now = time.monotonic()
        self._recent.pop(subject, None)
        self._recent[subject] = now
        if self._client.is_connected and now - self._recent_swept_at > _IN_DOUBT_S:
            self._recent_swept_at = now
            self._recent = {s: at for s, at in self._recent.items() if now - at < _IN_DOUBT_S}

    async def _speak(self) -> None:
        while True:
            await self._something_unsaid.wait()
            self._something_unsaid.clear()
            await self._say_everything()

    async def _say_everything(self) -> None:
        async with self._one_speaks:
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

    async def follow(self, subject: str, hear: Overheard) -> Following:
        """Calls ``hear`` with what is said on one subject, by this process (``say_here``) or by others; and with
        ``LOOK`` where something may have got lost."""
        following = Following(self, subject, hear)
        self._followings.setdefault(subject, []).append(following)

        async def on_message(message: Msg) -> None:
            following.hear(message.data)

        following.subscription = await self._client.subscribe(subject, cb=on_message)
        return following

    def forget(self, following: Following) -> None:
        ears = self._followings.get(following.subject, [])
        if following in ears:
            ears.remove(following)
            if not ears:
                del self._followings[following.subject]

    def followings(self, subject: str) -> list[Following]:
        """Who follows the subject in this process."""
        return list(self._followings.get(subject, ()))

    def say_here(self, subject: str, payload: bytes) -> None:
        """Tells those who follow the subject in this process."""
        for following in self.followings(subject):
            following.hear(payload)

    async def flush(self) -> None:
        """Returns when NATS has taken in everything said and subscribed to so far."""
        await self._say_everything()
        await self._client.flush()

    async def close(self) -> None:
        self._closing = True
        if self._speaking is not None:
            self._speaking.cancel()
        if not self._client.is_closed:
            await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        log.warning("bus.error", error=str(error) or type(error).__name__)

    async def _on_break(self) -> None:
        if not self._closing:
            log.warning("bus.away")

    async def _on_return(self) -> None:
        log.info("bus.back")
        for step in self.on_return:
            await step()
        for subject in list(self._followings):
            self.say_here(subject, LOOK)
        for subject in list(self._recent):
            self.say(subject, LOOK)
