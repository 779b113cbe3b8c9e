"""A client that was away gets what it missed, or is told what to fetch."""

from .conftest import Town


async def test_what_was_missed_comes_after_the_welcome(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice = await alice.online()
    for number in range(5):
        await at_alice.say(chat, f"{number}")
    await alice.http.put(f"chats/{chat}/messages/4/recall")

    at_bob = await bob.online(resume={str(chat): 2}, revs={str(chat): 2})
    await at_bob.until(lambda frame: frame.get("seq") == 5 and frame["on"] == "message")

    rows = at_bob.frames[0]["chats"]
    assert [(row["chat"], row["last_seq"], row["unread"]) for row in rows] == [(chat, 5, 4)]
    assert [(f["on"], f.get("seq")) for f in at_bob.frames[1:]] == [
        ("recalled", 4),
        ("message", 3),
        ("message", 4),
        ("message", 5),
    ]
    assert next(f for f in at_bob.frames if f["on"] == "message" and f["seq"] == 4)["segments"] == []


async def test_without_resume_only_the_welcome_comes(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    at_alice = await alice.online()
    await at_alice.say(chat, "hello")

    again = await alice.online()
    await again.answer(again.do("ping"))

    assert [frame["on"] for frame in again.frames] == ["welcome", "pong"]
    assert again.frames[0]["chats"][0]["last_seq"] == 1


async def test_a_long_absence_is_told_as_a_gap(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    at_alice = await alice.online()
    last = town.parts.gateway.limits.resume_frames_max + 1
    for number in range(last):
        await at_alice.say(chat, f"{number}")

    again = await alice.online(resume={str(chat): 0})
    gap = await again.until(lambda frame: frame["on"] == "gap")
    page = (await alice.http.get(f"chats/{chat}/messages", params={"after": 0, "limit": 100})).json()

    assert gap == {"on": "gap", "chat": chat, "from": 1, "to": last}
    assert [message["seq"] for message in page["messages"]] == list(range(1, 101))
    assert page["more"] is True


async def test_reading_on_one_device_is_told_to_the_other(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice = await alice.online()
    for number in range(3):
        await at_alice.say(chat, f"{number}")
    phone, desk = await bob.online(), await bob.online()

    phone.do("read", chat=chat, seq=2)
    told = await desk.until(lambda frame: frame["on"] == "read")
    again = await bob.online()

    counts = {"unread": 1, "mentions": 0, "last_seq": 3, "last_rev": 2}
    assert told == {"on": "read", "chat": chat, "seq": 2, **counts}
    assert not [frame for frame in phone.frames if frame["on"] == "read"]
    assert again.frames[0]["chats"][0]["unread"] == 1
