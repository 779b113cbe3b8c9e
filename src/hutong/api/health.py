"""Is it alive, can it work, and how is it doing."""

import asyncio

import asyncpg
import msgspec
import structlog
from litestar import Response, get
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.migrations import NewerDatabase, pending
from hutong.infra.telemetry import measures_as_text
from hutong.infra.web import Needs

__all__ = ["health_routes"]

log = structlog.get_logger()

_DATABASE_ANSWERS_WITHIN_S = 3


class Health(msgspec.Struct):
    """The process answers."""

    status: str = "ok"


class Readiness(msgspec.Struct):
    """Whether each part that requests need is there."""

    ready: bool
    database: bool
    migrations: bool
    bus: bool


@get("/healthz", tags=["Operation"], summary="Is the process alive")
async def healthz() -> Health:
    """Answers as long as the process runs; it asks nobody else."""
    return Health()


@get("/readyz", tags=["Operation"], summary="Can requests be served")
async def readyz(database: Needs[Database], bus: Needs[Bus]) -> Response[Readiness]:
    """200 when the database and the bus answer and no migration is pending, 503 otherwise."""
    database_answers, migrated = await _ask(database)
    ready = database_answers and migrated and bus.is_up
    readiness = Readiness(ready=ready, database=database_answers, migrations=migrated, bus=bus.is_up)
    return Response(readiness, status_code=HTTP_200_OK if ready else HTTP_503_SERVICE_UNAVAILABLE)


@get("/metrics", tags=["Operation"], summary="Measures for Prometheus", media_type="text/plain")
async def metrics() -> Response[bytes]:
    """Counters and histograms in Prometheus' text format, of all processes of this `hutong serve` together."""
    return Response(measures_as_text(), headers={"content-type": CONTENT_TYPE_LATEST})


async def _ask(database: Database) -> tuple[bool, bool]:
    """Whether the pool's connections answer, and whether the tables are as far as this hutong. A newer hutong that is
    being rolled out beside this one has gone further, and its tables suit this one too."""
    try:
        async with asyncio.timeout(_DATABASE_ANSWERS_WITHIN_S):
            async with database.transaction() as session:
                await session.execute(text("SELECT 1"))
            return True, not await pending(database.url)
    except NewerDatabase:
        return True, True
    except (SQLAlchemyError, asyncpg.PostgresError, OSError) as error:
        log.warning("readyz.database_away", error=str(error) or type(error).__name__)
    return False, False


health_routes = [healthz, readyz, metrics]
