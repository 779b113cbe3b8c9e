"""One request, one transaction: committed before the answer leaves, or not at all."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.di import Provide
from sqlalchemy import text

from hutong.api import House
from hutong.domains import identity
from hutong.infra.db import Database, say_after_commit
from hutong.infra.web import Edge, Needs, Session, Signed, Viewer, render_exception
from hutong.kit.errors import Conflict
from hutong.settings import Settings
from tests.cast import Cast, visitor


@post("/keep")
async def keep(session: Session) -> dict[str, bool]:
    await session.execute(text("INSERT INTO note VALUES (1)"))
    say_after_commit(session, "note", b"1")
    return {"kept": True}


@post("/refuse")
async def refuse(session: Session) -> None:
    await session.execute(text("INSERT INTO note VALUES (1)"))
    say_after_commit(session, "note", b"1")
    raise Conflict


@post("/break")
async def break_down(session: Session) -> None:
    await session.execute(text("INSERT INTO note VALUES (1)"))
    raise RuntimeError("the secret of the inside")


@post("/unanswerable")
async def answer_what_cannot_be_written(session: Session) -> object:
    await session.execute(text("INSERT INTO note VALUES (1)"))
    return object()


@post("/late")
async def fail_at_the_commit(session: Session) -> dict[str, bool]:
    await session.execute(text("INSERT INTO late_note VALUES (1), (1)"))
    say_after_commit(session, "note", b"1")
    return {"kept": True}


@get("/mine")
async def mine(session: Session, actor: Signed) -> int:
    return actor.number


@get("/outside")
async def talk_to_the_outside(actor: Signed, database: Needs[Database]) -> list[int]:
    return [actor.number, connections_out(database)]


@get("/anybody")
async def anybody(session: Session, viewer: Viewer) -> int:
    return viewer.number if viewer is not None else 0


async def refuse_bots(*asked: object) -> None:
    raise AssertionError("no bot comes here")


def application(database: Database, settings: Settings) -> Litestar:
    return Litestar(
        [
            keep,
            refuse,
            break_down,
            answer_what_cannot_be_written,
            fail_at_the_commit,
            mine,
            anybody,
            talk_to_the_outside,
        ],
        dependencies=Edge(database, settings, identity.find_actor, refuse_bots).dependencies()
        | {"database": Provide(lambda: database, sync_to_thread=False)},
        exception_handlers={Exception: render_exception},
        logging_config=None,
        openapi_config=None,
    )


@pytest.fixture
async def notes(house: House) -> AsyncGenerator[httpx.AsyncClient]:
    async with house.database.transaction() as session:
        await session.execute(text("CREATE TABLE note (id int)"))
        await session.execute(text("CREATE TABLE late_note (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    async with visitor(application(house.database, house.settings)) as client:
        yield client


@pytest.fixture
def said(database: Database) -> list[str]:
    heard: list[str] = []
    database.say = lambda subject, payload: heard.append(subject)
    return heard


async def count(database: Database, table: str = "note") -> int:
    async with database.transaction() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 - a name from below


def connections_out(database: Database) -> int:
    pool: Any = database.engine.pool
    return int(pool.checkedout())


async def test_what_is_done_is_committed_and_said_before_the_answer_leaves(
    notes: httpx.AsyncClient, database: Database, said: list[str]
) -> None:
    kept_when_the_answer_began: list[int] = []
    app: Any = notes._transport  # The answer's first byte is what counts, and httpx hides it.
    application = app.app

    async def look_at_the_first_byte(scope: Any, receive: Any, send: Any) -> None:
        async def look(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept_when_the_answer_began.append(await count(database))
                assert said == ["note"]
            await send(message)

        await application(scope, receive, look)

    app.app = look_at_the_first_byte
    answer = await notes.post("/keep")

    assert (answer.status_code, answer.json()) == (201, {"kept": True})
    assert kept_when_the_answer_began == [1]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/refuse", 409, "hutong.conflict"),
        ("/break", 500, "hutong.error"),
        ("/unanswerable", 500, "hutong.error"),
        ("/late", 500, "hutong.error"),
    ],
)
async def test_what_fails_is_rolled_back_and_not_said(
    notes: httpx.AsyncClient, database: Database, said: list[str], path: str, status: int, code: str
) -> None:
    answer = await notes.post(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert (await count(database), await count(database, "late_note"), said) == (0, 0, [])
    assert connections_out(database) == 0


async def test_a_refused_actor_leaves_no_connection_behind(
    cast: Cast, notes: httpx.AsyncClient, database: Database
) -> None:
    for token in ("", f"{cast.alice.number}.wrong", cast.alice.token[:-1]):
        answer = await notes.get("/mine", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.sign_in_needed")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert connections_out(database) == 0

    answer = await notes.get("/mine", headers={"authorization": f"bearer {cast.alice.token}"})
    assert (answer.status_code, answer.json()) == (200, cast.alice.number)


async def test_a_route_that_only_asks_who_calls_holds_no_transaction(cast: Cast, notes: httpx.AsyncClient) -> None:
    alice = await notes.get("/outside", headers={"authorization": f"Bearer {cast.alice.token}"})
    nobody = await notes.get("/outside", headers={"authorization": "Bearer 10001.wrong"})

    assert alice.json() == [cast.alice.number, 0]
    assert (nobody.status_code, nobody.json()["code"]) == (401, "identity.sign_in_needed")


async def test_a_viewer_may_be_nobody(cast: Cast, notes: httpx.AsyncClient) -> None:
    nobody = await notes.get("/anybody")
    wrong = await notes.get("/anybody", headers={"authorization": "Bearer 10001.wrong"})
    alice = await notes.get("/anybody", headers={"authorization": f"Bearer {cast.alice.token}"})

    assert [answer.json() for answer in (nobody, wrong, alice)] == [0, 0, cast.alice.number]


async def test_a_wrong_bearer_token_does_not_fall_back_on_the_cookie(cast: Cast, notes: httpx.AsyncClient) -> None:
    notes.cookies["hutong_session"] = cast.alice.token

    by_cookie = await notes.get("/mine")
    by_both = await notes.get("/mine", headers={"authorization": "Bearer 10001.wrong"})

    assert (by_cookie.status_code, by_both.status_code) == (200, 401)


async def test_while_the_database_is_away_the_answer_is_503(
    settings: Settings,
) -> None:
    async with visitor(application(Database("postgresql://nobody@127.0.0.1:1/nothing"), settings)) as client:
        answer = await client.post("/keep")

    assert (answer.status_code, answer.json()["code"]) == (503, "hutong.unavailable")
    assert answer.headers["retry-after"] == "2"
