"""Handles: one name space for people and groups, in one spelling, each with one holder."""

import asyncio
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hutong.domains import identity
from hutong.domains.identity.errors import BadHandle, HandleReserved
from hutong.domains.identity.handles import check_handle, reserved_handles
from hutong.domains.identity.models import HandleRow
from hutong.infra.db import Database

GOOD = st.from_regex(r"[a-z][a-z0-9_-]{1,29}", fullmatch=True)


@given(GOOD)
def test_a_well_formed_handle_is_kept_as_it_is_in_any_spelling(handle: str) -> None:
    if handle in reserved_handles():
        with pytest.raises(HandleReserved):
            check_handle(handle)
        return
    assert check_handle(handle) == handle
    assert check_handle(f" @{handle.upper()} ") == handle


@given(st.text(max_size=40))
def test_anything_else_is_refused(handle: str) -> None:
    try:
        kept = check_handle(handle)
    except (BadHandle, HandleReserved):
        return
    assert set(kept) <= set(string.ascii_lowercase + string.digits + "_-")
    assert kept[0] in string.ascii_lowercase
    assert 2 <= len(kept) <= 30
    assert check_handle(kept) == kept


@pytest.mark.parametrize(
    "handle", ["", "@", "a", "1a", "10001", "_a", "a b", "a.b", "жanna", "ſmith", "a" * 31, "alice\n1"]
)
def test_handles_that_could_be_taken_for_something_else_are_refused(handle: str) -> None:
    with pytest.raises(BadHandle):
        check_handle(handle)


def test_the_reserved_handles_are_handles_themselves() -> None:
    assert len(reserved_handles()) > 100
    for handle in reserved_handles():
        with pytest.raises(HandleReserved):
            check_handle(handle)


async def test_a_group_cannot_take_the_handle_of_a_person(database: Database) -> None:
    async with database.transaction() as session:
        assert await identity.claim_handle(session, "person", 10_001, "Reading") == "reading"

    for kind, number in (("group", 80_001), ("group", 10_001), ("person", 10_002)):
        with pytest.raises(identity.HandleTaken):
            async with database.transaction() as session:
                await identity.claim_handle(session, kind, number, "reading")  # type: ignore[arg-type]  # From a table.


async def test_claiming_ones_own_handle_again_changes_nothing(database: Database) -> None:
    for _ in range(2):
        async with database.transaction() as session:
            await identity.claim_handle(session, "group", 80_001, "reading")

    async with database.transaction() as session:
        [row] = await session.scalars(select(HandleRow))
    assert (row.kind, row.number) == ("group", 80_001)


async def test_a_released_handle_is_free_and_only_its_holder_releases_it(database: Database) -> None:
    async with database.transaction() as session:
        await identity.claim_handle(session, "group", 80_001, "reading")
        await identity.release_handle(session, "group", 80_002, "reading")
        with pytest.raises(identity.HandleTaken):
            await identity.claim_handle(session, "group", 80_002, "reading")
        await identity.release_handle(session, "group", 80_001, "reading")
        assert await identity.claim_handle(session, "group", 80_002, "reading") == "reading"


async def test_of_many_who_claim_at_once_one_gets_it(database: Database) -> None:
    async def claim(number: int) -> bool:
        try:
            async with database.transaction() as session:
                await identity.claim_handle(session, "person", number, "reading")
        except identity.HandleTaken:
            return False
        return True

    claimed = await asyncio.gather(*(claim(number) for number in range(10_001, 10_009)))

    assert sorted(claimed) == [False] * 7 + [True]
