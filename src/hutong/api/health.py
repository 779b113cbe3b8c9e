"""Is it alive, can it work, and how is it doing."""

import asyncio

import msgspec
import structlog
from litestar import Response, get
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hutong.infra.bus import Bus
from hutong.infra.db import Database
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
    bus: bool


@get("/healthz", tags=["Operation"], summary="Is the process alive")
async def healthz() -> Health:
    """Answers as long as the process runs; it asks nobody else."""
    return Health()


@get("/readyz", tags=["Operation"], summary="Can requests be served")
async def readyz(database: Needs[Database], bus: Needs[Bus]) -> Response[Readiness]:
    """200 when the database and the bus answer, 503 otherwise."""
    database_answers = await _answers(database)
    readiness = Readiness(ready=database_answers and bus.is_up, database=database_answers, bus=bus.is_up)
    return Response(readiness, status_code=HTTP_200_OK if readiness.ready else HTTP_503_SERVICE_UNAVAILABLE)


@get("/metrics", tags=["Operation"], summary="Measures for Prometheus", media_type="text/plain")
async def metrics() -> Response[bytes]:
    """Counters and histograms of this process in Prometheus' text format."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(_DATABASE_ANSWERS_WITHIN_S), database.transaction() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        log.warning("readyz.database_away", error=str(error))
        return False
    return True


health_routes = [healthz, readyz, metrics]
