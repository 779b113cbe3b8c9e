"""Conversations between two over the socket, and messages that need more than a look into memory."""

from .conftest import Citizen, OpenTown, Town


async def _open(person: Citizen, other: Citizen) -> int:
    answer = await person.http.post("directs", json={"number": other.number})
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["chat"])


async def test_the_first_words_reach_the_other_side_and_bring_the_conversation(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    bob_there = Citizen(there, bob.number, "Bob", bob.token)
    at_alice, at_bob = await alice.online(), await bob_there.online()

    chat = await _open(alice, bob)
    opened = await at_alice.until(lambda frame: frame["on"] == "chat")
    later = await bob_there.online()
    await at_alice.say(chat, "hello")

    for client in (at_bob, later):
        brought = await client.until(lambda frame: frame["on"] == "chat")
        assert client.texts(chat) == ["hello"]
        row = brought["row"]
        assert (row["chat"], row["name"], row["peer"], row["last_seq"]) == (chat, "Alice", alice.number, 1)
    assert opened["row"]["name"] == "Bob"
    assert later.frames[0]["chats"] == []


async def test_answering_an_empty_direct_shows_it_on_ones_own_devices(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    at_bob = await bob.online()
    chat = await _open(alice, bob)
    assert await _open(bob, alice) == chat
    shown = await at_bob.until(lambda frame: frame["on"] == "chat")
    assert shown["row"]["chat"] == chat
    await at_bob.say(chat, "you first")
    assert (await bob.online()).frames[0]["chats"][0]["chat"] == chat


async def test_mentioning_everybody_and_forwarding_work_over_the_socket(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice, at_bob = await alice.online(), await bob.online()
    first = await at_alice.say(chat, "one")

    everybody = [{"type": "mention", "all": True}]
    forward = [{"type": "forward", "chat": chat, "seqs": [first["seq"]]}]
    by_bob = await at_bob.answer(at_bob.do("send", chat=chat, key="b", segments=everybody))
    by_alice = await at_alice.answer(at_alice.do("send", chat=chat, key="a", segments=everybody))
    forwarded = await at_bob.answer(at_bob.do("send", chat=chat, key="f", segments=forward))
    heard = await at_alice.until(lambda frame: frame["on"] == "message" and frame["seq"] == forwarded["seq"])

    assert by_bob["code"] == "chat.mention_all_denied"
    assert by_alice["on"] == "sent"
    assert heard["segments"][0]["items"][0]["segments"] == [{"type": "text", "text": "one"}]
    assert heard["from"] == {"number": bob.number, "name": "Bob"}
