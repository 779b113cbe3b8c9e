"""The database: one engine, one metadata, and the only place where a transaction is opened and committed.

A request, a job and a command each open one ``transaction()``. What may be told only once it is committed (frames to
the people online) is left with ``say_after_commit`` and said then, in order; it is dropped when the transaction fails.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import asyncpg
import structlog
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

__all__ = ["Base", "Database", "Say", "connect_raw", "say_after_commit", "sqlalchemy_url"]

log = structlog.get_logger()

Say = Callable[[str, bytes], None]
"""Tells this process and, over the bus, every other one: a subject (``chat.<id>``, ``account.<number>``) and a payload.
It neither waits nor raises."""

_UNSAID = "hutong.unsaid"
_BESIDE_MAX = 3


class Base(DeclarativeBase):
    """Base of every table. A table names its distribution column, ``__table_args__ = {"info": {"distributed_by":
    "chat_id"}}``, which comes first in its primary key; or why it needs none, ``{"info": {"reference": "…"}}``."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def say_after_commit(session: AsyncSession, subject: str, payload: bytes) -> None:
    """Says it when the session's transaction is committed, never otherwise."""
    session.info.setdefault(_UNSAID, []).append((subject, payload))


def _nobody_listens(subject: str, payload: bytes) -> None:
    """A command that runs beside the server tells nobody; gateways notice by the numbers they compare."""


class Database:
    """Connections to PostgreSQL: a pooled SQLAlchemy engine for everybody, raw asyncpg for the message writer."""

    def __init__(self, url: str, *, connections_max: int = 10) -> None:
        self.url = url
        self.say: Say = _nobody_listens
        self.engine = _engine(url, pool_size=connections_max, max_overflow=connections_max)
        self._beside = _engine(url, pool_size=1, max_overflow=_BESIDE_MAX - 1)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions() as session:
            async with session.begin():
                yield session
            for subject, payload in session.info.pop(_UNSAID, ()):
                self.say(subject, payload)

    @asynccontextmanager
    async def short_transaction(self) -> AsyncGenerator[AsyncSession]:
        """One that waits for nothing, beside the transaction that the caller may have open. It has connections of its
        own: requests that hold all the others and wait here for a second one would wait for each other."""
        async with AsyncSession(self._beside, expire_on_commit=False) as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.engine.dispose()
        await self._beside.dispose()


def _engine(url: str, *, pool_size: int, max_overflow: int) -> AsyncEngine:
    return create_async_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        # An error that is logged would else tell what was to be stored: messages, hashes of passwords.
        hide_parameters=True,
        connect_args={"server_settings": {"application_name": "hutong", "jit": "off"}},
    )


async def connect_raw(url: str) -> asyncpg.Connection:
    """A raw asyncpg connection, for the message writer and the relay. Their few statements are planned once: to plan
    one anew for the arrays that it is given takes longer than to run it."""
    settings = {"application_name": "hutong-raw", "jit": "off", "plan_cache_mode": "force_generic_plan"}
    return await asyncpg.connect(url, server_settings=settings)


def sqlalchemy_url(url: str) -> str:
    """SQLAlchemy's spelling of the address. A socket folder travels as ``host=`` in the query in both."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres", "postgresql+asyncpg"):
        raise ValueError("HUTONG_DATABASE_URL must begin with postgresql://")
    query = parse_qs(parts.query)
    netloc = parts.netloc
    if unquote(netloc).rpartition("@")[2].startswith("/"):
        raise ValueError(
            "A socket folder belongs into the query of HUTONG_DATABASE_URL: postgresql:///hutong?host=/folder"
        )
    rest = urlencode(query, doseq=True, quote_via=quote, safe="/")
    return f"postgresql+asyncpg://{netloc}{parts.path}" + (f"?{rest}" if rest else "")
