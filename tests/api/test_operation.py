"""What whoever runs the site asks: is it alive, can it work, how is it doing."""

from dataclasses import replace

import httpx
from sqlalchemy import text

from hutong.api import House, create_app
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from tests.cast import visitor


async def test_it_is_ready_when_all_its_parts_are(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": True, "migrations": True, "bus": True}


async def test_it_is_alive_but_not_ready_without_a_database(house: House) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    app = create_app(replace(house, database=away))

    async with visitor(app) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "database": False, "migrations": False, "bus": True}


async def test_it_is_not_ready_without_the_bus(house: House) -> None:
    app = create_app(replace(house, bus=Bus("nats://127.0.0.1:1")))

    async with visitor(app) as client:
        ready = await client.get("/readyz")

    assert (ready.status_code, ready.json()["bus"], ready.json()["database"]) == (503, False, True)


async def test_it_is_not_ready_while_a_migration_is_pending(client: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE infra_revision SET version_num = '0001'"))

    ready = await client.get("/readyz")

    assert (ready.status_code, ready.json()["migrations"]) == (503, False)


async def test_a_newer_hutong_beside_it_does_not_make_it_unready(client: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE infra_revision SET version_num = '9999'"))

    assert (await client.get("/readyz")).status_code == 200


async def test_requests_are_counted_by_the_pattern_of_their_route(client: httpx.AsyncClient) -> None:
    await client.get("/healthz")
    await client.get("/api/v1/accounts/me")

    lines = (await client.get("/metrics")).text.splitlines()

    assert any(
        line.startswith('hutong_http_requests_total{method="GET",route="/healthz",status="200"}') for line in lines
    )
    assert any('route="/api/v1/accounts/me",status="401"' in line for line in lines)
    assert any(line.startswith("hutong_http_seconds_bucket") for line in lines)
