"""What other rooms of the house do with accounts: names, placeholders, many people at once."""

from datetime import UTC, datetime

from hutong.domains import identity
from hutong.domains.identity import AccountCard, NewPerson
from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast


async def test_names_are_found_by_number_and_strangers_are_left_out(cast: Cast, database: Database) -> None:
    async with database.transaction() as session:
        found = await identity.names_of(session, [cast.alice.number, cast.bob.number, cast.alice.number, 99_999])
        nobody = await identity.names_of(session, [])

    assert found == {
        cast.alice.number: AccountCard(cast.alice.number, "Alice"),
        cast.bob.number: AccountCard(cast.bob.number, "Bob"),
    }
    assert nobody == {}


async def test_a_placeholder_has_a_number_and_a_name_that_fits(database: Database) -> None:
    async with database.transaction() as session:
        numbers = [await identity.create_placeholder(session, name) for name in ("nick\u202e_", "x" * 500, "\x00")]
        found = await identity.names_of(session, numbers)

    assert [found[number].nickname for number in numbers] == ["nick_", "x" * 39 + "…", "?"]
    assert numbers == [10_001, 10_002, 10_003]


async def test_thousands_are_made_in_order_with_one_password(database: Database, settings: Settings) -> None:
    people = [NewPerson(nickname=f"Reader {number}", city="成都") for number in range(3_000)]
    people.append(NewPerson(nickname="Last", handle="last", created_at=datetime(2015, 8, 6, tzinfo=UTC)))

    async with database.transaction() as session:
        numbers = await identity.bulk_create(session, people, password="seven green lanterns")
        tokens = await identity.open_sessions(session, numbers[:2])
        after = await identity.create_placeholder(session, "after them")

    assert numbers == list(range(10_001, 13_002))
    assert after == 13_002
    async with database.transaction() as session:
        found = await identity.names_of(session, numbers)
        last = await identity.get_account(session, numbers[-1])
        signed_in = await identity.sign_in(
            database, session, identity.SignInDraft(login="last", password="seven green lanterns"), settings=settings
        )
        actors = [await identity.find_actor(session, token) for token in tokens]
    assert [found[number].nickname for number in numbers] == [person.nickname for person in people]
    assert (last.handle, last.created_at, signed_in.account.number) == ("last", "2015-08-06T00:00:00.000Z", 13_001)
    assert [actor and actor.number for actor in actors] == [10_001, 10_002]


async def test_nobody_is_no_mistake(database: Database) -> None:
    async with database.transaction() as session:
        assert await identity.bulk_create(session, []) == []
        assert await identity.open_sessions(session, []) == []
