"""Pictures over the socket: everybody gets what the server knows of them, and nobody gets somebody else's."""

from tests.files import png, send_file

from .conftest import Citizen, OpenTown, Town


async def _send(person: Citizen, content: bytes) -> str:
    return await send_file(person.http, content)


async def test_a_picture_said_over_the_socket_is_there_for_everybody(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    bob_there = Citizen(there, bob.number, "Bob", bob.token)
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice, at_bob = await alice.online(), await bob_there.online()
    media = await _send(alice, png(40, 30))

    lies = {"type": "image", "media": media, "width": 1, "height": 1, "size": 1}
    sent = await at_alice.answer(at_alice.do("send", chat=chat, key="k", segments=[lies]))
    came = await at_bob.until(lambda frame: frame["on"] == "message")

    known = {"type": "image", "media": media, "width": 40, "height": 30, "size": len(png(40, 30))}
    assert (sent["on"], came["seq"], came["segments"]) == ("sent", sent["seq"], [known])
    read = await bob_there.http.get(f"chats/{chat}/media/{media}/original")
    assert (read.status_code, read.content) == (200, png(40, 30))


async def test_somebody_elses_picture_is_refused_and_the_connection_stays(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await bob.create_group()
    at_bob = await bob.online()
    media = await _send(alice, png())

    stolen = [{"type": "image", "media": media}]
    answer = await at_bob.answer(at_bob.do("send", chat=chat, key="k", segments=stolen))

    assert (answer["on"], answer["code"]) == ("error", "media.no_such_media")
    assert (await at_bob.say(chat, "words"))["on"] == "sent"
    assert (await bob.http.get(f"chats/{chat}/media/{media}/original")).status_code == 404
