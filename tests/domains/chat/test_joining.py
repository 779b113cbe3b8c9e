"""How people come into a group: at once, by asking and being let in, or not at all."""

import asyncio

import msgspec
import pytest

from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast, Person

from .conftest import Said
from .talk import changes, facts, fill, group_of, join, refused, say


async def decide(person: Person, chat: int, asker: Person, *, accept: bool, reason: str = "") -> tuple[int, str]:
    path = f"groups/{chat}/requests/{asker.number}"
    answer = await person.http.put(path, json={"accept": accept, "reason": reason})
    return (204, "") if answer.status_code == 204 else refused(answer)


async def test_an_open_group_is_joined_at_once_and_once(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    first, again = await join(cast.chen, chat), await join(cast.chen, chat)

    assert (first.status_code, first.json()) == (200, {"state": "joined", "chat": chat})
    assert again.json() == first.json()
    assert (await changes(cast.bob, chat, "joined"))[-1] == {
        "number": cast.chen.number,
        "name": "Chen",
        "role": "member",
        "members": 4,
    }
    assert len(await changes(cast.bob, chat, "joined")) == 4
    assert (await facts(database, "MemberJoined"))[-1] == {"chat": chat, "number": cast.chen.number, "invited_by": None}
    assert (await cast.chen.http.get(f"groups/{chat}")).json()["my_role"] == "member"
    assert await say(cast.chen, chat, "hello") == 1


async def test_a_full_group_takes_nobody(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database, capacity=200)
    await fill(database, chat, 200)

    assert refused(await join(cast.chen, chat)) == (409, "chat.group_is_full")


async def test_of_many_who_join_at_once_only_as_many_as_fit_get_in(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database, capacity=200)
    await fill(database, chat, 199)

    answers = await asyncio.gather(*[join(person, chat) for person in crowd])

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    assert (await cast.alice.http.get(f"groups/{chat}")).json()["members"] == 200
    assert len(await changes(cast.alice, chat, "joined")) == 4


async def test_a_group_that_approves_asks_its_question_and_tells_only_its_admins(
    cast: Cast, database: Database, said: Said
) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval", "question": "Which book?"})
    before = (await cast.bob.http.get(f"chats/{chat}/changes", params={"limit": 100})).json()

    unanswered = await join(cast.chen, chat, answer=" ")
    asked = await join(cast.chen, chat, answer="The Dream of the Red Chamber")

    assert refused(unanswered) == (400, "chat.answer_needed")
    assert (asked.status_code, asked.json()) == (200, {"state": "waiting", "chat": chat})
    told = [frame for frame in said[cast.alice.number] if frame["on"] == "requested"]
    assert told == [frame for frame in said[cast.mo.number] if frame["on"] == "requested"]
    assert [{**frame, "at": ""} for frame in told] == [
        {
            "on": "requested",
            "chat": chat,
            "number": cast.chen.number,
            "name": "Chen",
            "answer": "The Dream of the Red Chamber",
            "waiting": 1,
            "at": "",
        }
    ]
    assert "requested" not in [frame["on"] for frame in said.get(cast.bob.number, [])]
    after = (await cast.bob.http.get(f"chats/{chat}/changes", params={"limit": 100})).json()
    assert after == before, "A request is nothing that all members see."
    assert await facts(database, "JoinRequested") == [{"chat": chat, "number": cast.chen.number}]
    mine = (await cast.chen.http.get(f"groups/{chat}")).json()["my_request"]
    assert (mine["state"], mine["answer"]) == ("waiting", "The Dream of the Red Chamber")


async def test_who_is_accepted_is_in_and_everybody_sees_by_whom(cast: Cast, database: Database, said: Said) -> None:
    chat = await group_of(cast, database, join_mode="open")
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    await join(cast.chen, chat)

    assert await decide(cast.mo, chat, cast.chen, accept=True) == (204, "")
    assert await decide(cast.mo, chat, cast.chen, accept=True) == (404, "chat.no_such_request")

    assert (await join(cast.chen, chat)).json()["state"] == "joined"
    assert (await changes(cast.bob, chat, "joined"))[-1] == {
        "number": cast.chen.number,
        "name": "Chen",
        "accepted_by": cast.mo.number,
        "accepted_by_name": "Mo",
        "role": "member",
        "members": 4,
    }
    decided = [frame for frame in said[cast.chen.number] if frame["on"] == "decided"]
    assert [(frame["accepted"], frame["chat_name"]) for frame in decided] == [(True, "Readers")]
    assert [frame["waiting"] for frame in said[cast.alice.number] if frame["on"] == "decided"] == [0]
    assert await facts(database, "JoinRequestDecided") == [
        {"chat": chat, "number": cast.chen.number, "accepted": True, "by": cast.mo.number}
    ]


async def test_who_is_refused_learns_why_and_may_ask_again(cast: Cast, database: Database, said: Said) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    await join(cast.chen, chat, answer="Please")

    assert await decide(cast.mo, chat, cast.chen, accept=False, reason="Tell us more") == (204, "")

    told = [frame for frame in said[cast.chen.number] if frame["on"] == "decided"]
    assert [(frame["accepted"], frame["reason"]) for frame in told] == [(False, "Tell us more")]
    mine = (await cast.chen.http.get(f"groups/{chat}")).json()["my_request"]
    assert (mine["state"], mine["reason"]) == ("refused", "Tell us more")
    assert (await cast.alice.http.get(f"groups/{chat}/requests")).json()["items"] == []
    assert await decide(cast.mo, chat, cast.chen, accept=True) == (404, "chat.no_such_request")

    again = await join(cast.chen, chat, answer="I read slowly")
    waiting = (await cast.alice.http.get(f"groups/{chat}/requests")).json()["items"]

    assert again.json()["state"] == "waiting"
    assert [(request["number"], request["name"], request["answer"]) for request in waiting] == [
        (cast.chen.number, "Chen", "I read slowly")
    ]
    assert await decide(cast.alice, chat, cast.chen, accept=True) == (204, "")
    assert (await cast.chen.http.get(f"groups/{chat}")).json()["my_request"] is None


async def test_asking_twice_is_one_request_with_the_later_answer(cast: Cast, database: Database, said: Said) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})

    for answer in ("one", "one", "two"):
        await join(cast.chen, chat, answer=answer)

    waiting = (await cast.alice.http.get(f"groups/{chat}/requests")).json()["items"]
    assert [request["answer"] for request in waiting] == ["two"]
    told = [frame for frame in said[cast.alice.number] if frame["on"] == "requested"]
    assert [(frame["answer"], frame["waiting"]) for frame in told] == [("one", 1), ("two", 1)]


async def test_only_owner_and_admins_see_and_decide_requests(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    await join(cast.chen, chat)

    assert refused(await cast.bob.http.get(f"groups/{chat}/requests")) == (403, "chat.not_allowed")
    assert refused(await cast.chen.http.get(f"groups/{chat}/requests")) == (404, "chat.no_such_chat")
    assert await decide(cast.bob, chat, cast.chen, accept=True) == (403, "chat.not_allowed")
    assert await decide(cast.chen, chat, cast.chen, accept=True) == (404, "chat.no_such_chat")
    assert [item["number"] for item in (await cast.mo.http.get(f"groups/{chat}/requests")).json()["items"]] == [
        cast.chen.number
    ]


async def test_a_full_group_accepts_nobody_and_the_request_stays(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database, capacity=200)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    await join(cast.chen, chat)
    await fill(database, chat, 200)

    assert await decide(cast.mo, chat, cast.chen, accept=True) == (409, "chat.group_is_full")
    await fill(database, chat, 199)
    assert await decide(cast.mo, chat, cast.chen, accept=True) == (204, "")


async def test_two_admins_who_decide_at_once_decide_once(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    await join(cast.chen, chat)

    answers = await asyncio.gather(*[decide(who, chat, cast.chen, accept=True) for who in (cast.alice, cast.mo)])

    assert sorted(answers) == [(204, ""), (404, "chat.no_such_request")]
    assert (await cast.alice.http.get(f"groups/{chat}")).json()["members"] == 4


async def test_a_group_by_invitation_is_seen_and_not_joined(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "invitation"})

    assert (await cast.chen.http.get(f"groups/{chat}")).status_code == 200
    assert refused(await join(cast.chen, chat)) == (403, "chat.invitation_needed")


@pytest.mark.parametrize("hidden", [{"join_mode": "closed"}, {"listed": False}])
async def test_a_hidden_group_cannot_be_told_from_none(
    cast: Cast, database: Database, hidden: dict[str, object]
) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json=hidden)

    for number in (chat, chat + 1):
        assert refused(await join(cast.chen, number)) == (404, "chat.no_such_chat")
        assert refused(await join(cast.chen, number, invitation="guessed234")) == (404, "chat.no_such_invitation")
        assert refused(await cast.chen.http.get(f"groups/{number}")) == (404, "chat.no_such_chat")


async def test_requests_are_paged_the_longest_waiting_first(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    for person in crowd[:5]:
        await join(person, chat)

    seen, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await cast.alice.http.get(f"groups/{chat}/requests", params=params)).json()
        seen += [item["number"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == [person.number for person in crowd[:5]]


class TestWithRoomForTwo:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Two may wait at a time."""
        limits = msgspec.structs.replace(settings.limits, requests_waiting_max=2)
        return msgspec.structs.replace(settings, limits=limits)

    async def test_no_more_than_so_many_wait_at_a_time(
        self, cast: Cast, database: Database, crowd: list[Person]
    ) -> None:
        chat = await group_of(cast, database)
        await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})

        answers = await asyncio.gather(*[join(person, chat) for person in crowd[:4]])

        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409]
