"""The outbox: facts are written in the transaction that made them true, and relayed to JetStream afterwards.

A row is deleted once JetStream has acknowledged it, so the relay needs no position and a restored backup is relayed as
it stands. The row's id is the message id by which JetStream and every subscriber drop repetitions. Facts about one
thing keep their order, because whoever changes that thing holds its lock until the commit.
"""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Identity, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hutong.kit.facts import Fact

from .db import Base

__all__ = ["OUTBOX_INSERT", "OutboxEntry", "publish", "topic_of"]

OUTBOX_INSERT = "INSERT INTO infra_outbox (topic, payload) VALUES ($1, $2::jsonb)"
"""For the message writer, which has no session: the topic and the fact as JSON text."""


class OutboxEntry(Base):
    """One fact on its way out."""

    __tablename__ = "infra_outbox"
    __table_args__ = ({"info": {"reference": "a short queue; empty when the relay keeps up"}},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


def topic_of(fact: Fact) -> str:
    """``chat.MessagesSent`` for a fact of the chat domain; a fact defined elsewhere in the house is ``hutong.Name``."""
    path = type(fact).__module__.split(".")
    domain = path[path.index("domains") + 1] if "domains" in path else "hutong"
    return f"{domain}.{type(fact).__name__}"


def publish(session: AsyncSession, fact: Fact) -> None:
    """Puts the fact into the outbox, within the session's transaction."""
    session.add(OutboxEntry(topic=topic_of(fact), payload=msgspec.to_builtins(fact)))
