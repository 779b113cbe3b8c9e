"""Nothing that was committed after a removal or a mute was answered reaches or comes from the removed or muted, with
every process that there is."""

import asyncio

from .conftest import Citizen, OpenTown, SocketClient


async def _two_towns(open_town: OpenTown) -> tuple[Citizen, Citizen, Citizen, Citizen, int]:
    """Alice owns, Bob belongs; each is also there through the second process."""
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    alice_there = Citizen(there, alice.number, "Alice", alice.token)
    bob_there = Citizen(there, bob.number, "Bob", bob.token)
    chat = await alice.create_group()
    await bob.join(chat)
    return alice, bob, alice_there, bob_there, chat


async def test_what_is_said_here_is_heard_there(open_town: OpenTown) -> None:
    alice, _, _, bob_there, chat = await _two_towns(open_town)
    at_alice, at_bob = await alice.online(), await bob_there.online()

    await at_alice.say(chat, "one")
    await at_bob.say(chat, "two")
    await at_alice.until(lambda frame: frame["on"] == "message")
    await at_bob.until(lambda frame: frame["on"] == "message")

    assert at_alice.texts(chat) == ["two"]
    assert at_bob.texts(chat) == ["one"]


async def test_both_talking_at_once_gives_one_dense_order(open_town: OpenTown) -> None:
    alice, _, _, bob_there, chat = await _two_towns(open_town)
    at_alice, at_bob = await alice.online(), await bob_there.online()
    listener_here, listener_there = await alice.online(), await bob_there.online()

    await asyncio.gather(*[c.say(chat, f"{n}") for n in range(100) for c in (at_alice, at_bob)])

    for listener in (listener_here, listener_there):
        await listener.until(lambda frame: frame["on"] == "message" and frame["seq"] == 200)
        assert [f["seq"] for f in listener.frames if f["on"] == "message"] == list(range(1, 201))


async def test_the_removed_hear_nothing_more_anywhere(open_town: OpenTown) -> None:
    alice, bob, _, bob_there, chat = await _two_towns(open_town)
    at_alice = await alice.online()
    at_bob = [await bob.online(), await bob_there.online()]
    talking = asyncio.create_task(_talk(at_alice, chat))

    answer = await alice.http.delete(f"groups/{chat}/members/{bob.number}")
    after = await at_alice.say(chat, "he is gone")
    await talking

    assert answer.status_code == 204
    for client in at_bob:
        await client.until(lambda frame: frame["on"] == "left")
        client.do("ping")
        await client.until(lambda frame: frame["on"] == "pong")
        await asyncio.sleep(0.3)
        heard = [frame["seq"] for frame in client.frames if frame["on"] == "message"]
        assert all(seq < after["seq"] for seq in heard)
        assert (await client.say(chat, "still here?"))["code"] == "chat.no_such_chat"
    assert (await bob.http.get(f"chats/{chat}/messages")).status_code == 404


async def test_the_muted_are_refused_everywhere_at_once(open_town: OpenTown) -> None:
    alice, bob, _, bob_there, chat = await _two_towns(open_town)
    at_bob = [await bob.online(), await bob_there.online()]
    assert [(await client.say(chat, "fine"))["on"] for client in at_bob] == ["sent", "sent"]

    answer = await alice.http.put(f"groups/{chat}/mutes/{bob.number}", json={"minutes": 10})
    codes = [(await client.say(chat, "hm"))["code"] for client in at_bob]
    await alice.http.delete(f"groups/{chat}/mutes/{bob.number}")

    assert answer.status_code == 204
    assert codes == ["chat.muted", "chat.muted"]
    assert [(await client.say(chat, "thanks"))["on"] for client in at_bob] == ["sent", "sent"]


async def test_a_mute_of_all_spares_the_owner(open_town: OpenTown) -> None:
    alice, _, _, bob_there, chat = await _two_towns(open_town)
    at_alice, at_bob = await alice.online(), await bob_there.online()

    await alice.http.put(f"groups/{chat}/mutes/all")

    assert (await at_bob.say(chat, "hm"))["code"] == "chat.muted_all"
    assert (await at_alice.say(chat, "a word from me"))["on"] == "sent"


async def _talk(client: SocketClient, chat: int) -> None:
    for number in range(50):
        await client.say(chat, f"word {number}")
