"""What becomes of a group's members is known to every process at once, without asking the database, and told to all."""

from typing import Any

from .conftest import Citizen, OpenTown, SocketClient, Town


async def _both(open_town: OpenTown) -> tuple[Citizen, Citizen, SocketClient, SocketClient, int]:
    """Alice owns and is here, Bob belongs and is at the second process."""
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    bob = Citizen(there, bob.number, "Bob", bob.token)
    chat = await alice.create_group()
    await bob.join(chat)
    return alice, bob, await alice.online(), await bob.online(), chat


async def _until(client: SocketClient, on: str) -> dict[str, Any]:
    return await client.until(lambda frame: frame["on"] == on)


async def test_an_admin_may_speak_in_a_muted_group_from_the_moment_of_becoming_one(open_town: OpenTown) -> None:
    alice, bob, _, at_bob, chat = await _both(open_town)
    await alice.http.put(f"groups/{chat}/mutes/all")
    assert (await at_bob.say(chat, "hm"))["code"] == "chat.muted_all"

    await alice.http.patch(f"groups/{chat}/members/{bob.number}", json={"role": "admin"})
    role = await _until(at_bob, "role")

    assert (role["number"], role["role"]) == (bob.number, "admin")
    assert (await at_bob.say(chat, "now"))["on"] == "sent"
    await alice.http.patch(f"groups/{chat}/members/{bob.number}", json={"role": "member"})
    assert (await at_bob.say(chat, "and no more"))["code"] == "chat.muted_all"


async def test_who_is_handed_a_group_may_speak_although_muted(open_town: OpenTown) -> None:
    alice, bob, _, at_bob, chat = await _both(open_town)
    await alice.http.put(f"groups/{chat}/mutes/{bob.number}", json={"minutes": 10})
    assert (await at_bob.say(chat, "hm"))["code"] == "chat.muted"

    await alice.http.put(f"groups/{chat}/owner", json={"number": bob.number})
    await at_bob.until(lambda frame: frame["on"] == "role" and frame["role"] == "owner")

    assert (await at_bob.say(chat, "mine"))["on"] == "sent"


async def test_a_card_is_the_name_of_what_is_said_from_then_on(open_town: OpenTown) -> None:
    alice, bob, at_alice, at_bob, chat = await _both(open_town)
    await bob.http.patch(f"groups/{chat}/members/me", json={"card": "老鲍"})
    card = await _until(at_alice, "card")
    await _until(at_bob, "card")

    await at_bob.say(chat, "hello")
    heard = await _until(at_alice, "message")

    assert (card["name"], card["card"]) == ("老鲍", "老鲍")
    assert heard["from"] == {"number": bob.number, "name": "老鲍"}
    await alice.http.put(f"groups/{chat}/mutes/{bob.number}", json={"minutes": 10})
    await alice.http.delete(f"groups/{chat}/mutes/{bob.number}")
    await at_bob.say(chat, "still me")
    again = await at_alice.until(lambda frame: frame["on"] == "message" and frame["seq"] == 2)
    assert again["from"]["name"] == "老鲍"


async def test_new_settings_are_told_to_everybody(open_town: OpenTown) -> None:
    alice, _, at_alice, at_bob, chat = await _both(open_town)

    await alice.http.patch(f"groups/{chat}", json={"name": "Writers", "join_mode": "approval"})

    for client in (at_alice, at_bob):
        frame = await client.until(lambda frame: frame["on"] == "chat" and "group" in frame)
        assert frame["group"] == {"name": "Writers", "join_mode": "approval"}
        assert (frame["by"], frame["by_name"]) == (alice.number, "Alice")


async def test_a_dissolved_group_is_over_for_everybody_everywhere(open_town: OpenTown) -> None:
    alice, bob, at_alice, at_bob, chat = await _both(open_town)
    other = await alice.create_group("Writers")
    await bob.join(other)
    await at_alice.say(chat, "the last word")

    answer = await alice.http.delete(f"groups/{chat}")

    assert answer.status_code == 204
    for client in (at_alice, at_bob):
        assert (await _until(client, "dissolved"))["by"] == alice.number
        assert (await client.say(chat, "hello?"))["code"] == "chat.no_such_chat"
    assert (await at_bob.say(other, "here then"))["on"] == "sent"
    assert [row["chat"] for row in (await bob.online()).frames[0]["chats"]] == [other]


async def test_who_is_removed_is_told_by_whom(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_bob = await bob.online()

    await alice.http.delete(f"groups/{chat}/members/{bob.number}", params={"ban": "true"})

    assert await _until(at_bob, "left") == {
        "on": "left",
        "chat": chat,
        "number": bob.number,
        "name": "Bob",
        "removed_by": alice.number,
        "removed_by_name": "Alice",
        "banned": True,
    }


async def test_requests_reach_the_admins_and_their_decision_whoever_asked(open_town: OpenTown) -> None:
    alice, bob, at_alice, at_bob, chat = await _both(open_town)
    (chen,) = await bob.town.people("Chen")
    at_chen = await chen.online()
    await alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})

    await chen.http.put(f"groups/{chat}/members/me", json={"answer": "Hello"})
    asked = await _until(at_alice, "requested")
    await alice.http.put(f"groups/{chat}/requests/{chen.number}", json={"accept": True})
    decided = await _until(at_chen, "decided")

    assert (asked["number"], asked["name"], asked["answer"], asked["waiting"]) == (chen.number, "Chen", "Hello", 1)
    assert (decided["chat"], decided["accepted"]) == (chat, True)
    joined = await at_bob.until(lambda frame: frame["on"] == "joined" and frame["number"] == chen.number)
    assert joined["accepted_by"] == alice.number
    assert "requested" not in [frame["on"] for frame in at_bob.frames]
    await at_chen.until(lambda frame: frame["on"] == "chat" and frame["chat"] == chat)
    assert (await at_chen.say(chat, "thank you"))["on"] == "sent"
