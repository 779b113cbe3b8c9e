"""Snapshot and stream agree: an old snapshot with the frames since applied to it is the fresh snapshot.

The actions are drawn by hypothesis, the frames are those that the bus would carry, and messages, changes and what
concerns one account alone reach the client in order each, but mixed anyhow.
"""

import copy
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawn
from hypothesis import strategies as st
from litestar import Litestar

from hutong.api import House
from hutong.domains.chat import StoredRun, unpack
from tests.cast import Cast, Person
from tests.conftest import HandClock
from tests.domains.openplatform.conftest import install, make_robot

from .reducer import Frame, State, apply
from .talk import group_of, try_to_say

KINDS = ("m", "c", "a")
# Account frames that only the gateway reads.
NOT_FOR_CLIENTS = {"seated", "unseated", "revoked", "renamed"}


@dataclass(frozen=True)
class Troupe(Cast):
    """The cast, and a bot that is in every group of theirs."""

    robot: Person


@pytest.fixture
async def troupe(app: Litestar, cast: Cast) -> AsyncGenerator[Troupe]:
    async with AsyncExitStack() as stack:
        robot = await make_robot(app, cast.alice, stack)
        yield Troupe(**vars(cast), robot=Person(robot.number, "Librarian", robot.token, robot.http))


class Stream:
    """Everything that was said since the beginning, in order: what chats said, and what was said to accounts."""

    def __init__(self, house: House) -> None:
        self.said: list[tuple[str, int, Frame]] = []
        house.database.say = self._hear
        house.writer.deliver = self._take

    def _hear(self, subject: str, payload: bytes) -> None:
        where, _, number = subject.partition(".")
        if where == "account":
            frame = msgspec.json.decode(payload)
            if frame["on"] not in NOT_FOR_CLIENTS:
                self.said.append(("a", int(number), frame))
            return
        parcel = unpack(payload)
        self.said += [(parcel.kind, int(number), msgspec.json.decode(frame)) for frame in parcel.frames]

    def _take(self, runs: list[StoredRun]) -> None:
        self.said += [("m", run.chat, msgspec.json.decode(one.frame)) for run in runs for one in run.messages]

    def since(self, place: int, chat: int, me: int) -> list[tuple[str, Frame]]:
        """What one member hears of the chat from a place in the stream on."""
        return [
            (kind, frame)
            for kind, number, frame in self.said[place:]
            if (number == me and frame["chat"] == chat if kind == "a" else number == chat)
        ]


class Watch:
    """One member's snapshot, taken at some time, and where in the stream that was."""

    def __init__(self, person: Person, chat: int, state: State, place: int) -> None:
        self.person = person
        self.chat = chat
        self.state = state
        self.place = place

    def catch_up(self, stream: Stream, order: random.Random) -> None:
        """Applies what came since; of chats also what came before, which must change nothing."""
        heard = stream.since(self.place, self.chat, self.person.number)
        before = [one for one in stream.since(0, self.chat, self.person.number) if one[0] != "a"]
        queues = {kind: [frame for k, frame in before + heard if k == kind] for kind in KINDS}
        while any(queues.values()):
            kind = order.choice([kind for kind in KINDS if queues[kind]])
            apply(self.state, copy.deepcopy(queues[kind].pop(0)), self.person.number)


async def watch(person: Person, chat: int, stream: Stream) -> Watch | None:
    """Takes a snapshot; None where the person may not see the chat."""
    answer = await person.http.get(f"chats/{chat}")
    if answer.status_code == 404:
        return None
    page = (await person.http.get(f"chats/{chat}/messages", params={"limit": 100})).json()
    return Watch(person, chat, State(answer.json(), page), len(stream.said))


def comparable(state: State) -> tuple[Any, Any]:
    """The snapshot and the messages. How many are online is told by no change, and a person is known by the number."""
    messages = [{**message, "from": message["from"]["number"]} for _, message in sorted(state.messages.items())]
    chat = {name: value for name, value in state.chat.items() if name != "online"}
    if chat["last_message"] is not None:
        chat["last_message"] = {**chat["last_message"], "from": chat["last_message"]["from"]["number"]}
        chat["last_message"].pop("reactions", None)
    if chat["announcement"] is not None:
        chat["announcement"] = {**chat["announcement"], "by": chat["announcement"]["by"]["number"]}
    return chat, messages


def differences(reached: Any, fresh: Any, path: str = "") -> list[str]:
    """Where the two differ, in words that can be read."""
    if isinstance(reached, dict) and isinstance(fresh, dict):
        names = sorted(reached.keys() | fresh.keys())
        return [one for n in names for one in differences(reached.get(n, "-"), fresh.get(n, "-"), f"{path}.{n}")]
    if isinstance(reached, list | tuple) and isinstance(fresh, list | tuple) and len(reached) == len(fresh):
        pairs = enumerate(zip(reached, fresh, strict=True))
        return [one for place, (a, b) in pairs for one in differences(a, b, f"{path}.{place}")]
    return [] if reached == fresh else [f"{path}: {reached!r} is {fresh!r}"]


Act = Callable[[Cast, int, random.Random], Awaitable[object]]


def _some(people: str, do: Callable[[Person, int, random.Random, Cast], Awaitable[object]]) -> Act:
    """An action by one of these people of the cast."""

    async def act(cast: Cast, chat: int, dice: random.Random) -> object:
        return await do(getattr(cast, dice.choice(people.split())), chat, dice, cast)

    return act


def _seq(dice: random.Random) -> int:
    return dice.randint(1, SAID_BEFORE + 2)


async def _say(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    to = dice.choice([None, cast.alice, cast.bob, cast.mo])
    mention = [] if to is None else [{"type": "mention", "number": to.number, "name": to.nickname}]
    return await try_to_say(who, chat, "hm ", *mention)


async def _edit(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    segments: list[dict[str, Any]] = [{"type": "text", "text": f"{dice.random()}"}]
    if dice.random() < 0.3:
        segments.append({"type": "mention", "number": cast.bob.number})
    return await who.http.patch(f"chats/{chat}/messages/{_seq(dice)}", json={"segments": segments})


async def _recall(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.put(f"chats/{chat}/messages/{_seq(dice)}/recall")


async def _react(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.put(f"chats/{chat}/messages/{_seq(dice)}/reactions/{dice.choice('👍🎉')}")


async def _unreact(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.delete(f"chats/{chat}/messages/{_seq(dice)}/reactions/{dice.choice('👍🎉')}")


async def _pin(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.put(f"chats/{chat}/pins/{_seq(dice)}")


async def _unpin(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.delete(f"chats/{chat}/pins/{_seq(dice)}")


async def _read(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.put(f"chats/{chat}/read", json={"seq": _seq(dice)})


async def _keep(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    mine = {"notify": dice.choice(["all", "mentions", "none"]), "pinned": dice.random() < 0.5}
    return await who.http.patch(f"chats/{chat}", json=mine)


async def _join(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.put(f"groups/{chat}/members/me", json={})


async def _leave(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.delete(f"groups/{chat}/members/me")


async def _remove(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.delete(f"groups/{chat}/members/{cast.chen.number}")


async def _mute(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    if dice.random() < 0.5:
        return await who.http.delete(f"groups/{chat}/mutes/{cast.bob.number}")
    return await who.http.put(f"groups/{chat}/mutes/{cast.bob.number}", json={"minutes": 5})


async def _mute_all(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    verb = who.http.put if dice.random() < 0.5 else who.http.delete
    return await verb(f"groups/{chat}/mutes/all")


async def _announce(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.post(f"groups/{chat}/announcements", json={"text": f"{dice.random()}"})


async def _read_notice(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    notices = (await who.http.get(f"groups/{chat}/announcements")).json().get("items", [])
    if not notices:
        return None
    path = f"groups/{chat}/announcements/{dice.choice(notices)['id']}"
    if who is cast.alice and dice.random() < 0.5:
        return await who.http.delete(path)
    return await who.http.put(f"{path}/readers/me")


async def _rename(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    kinds = ["model", "interest", "brand"]
    changed = {"name": dice.choice("ABC"), "kind": dice.choice(kinds), "capacity": dice.choice([200, 500])}
    return await who.http.patch(f"groups/{chat}", json=changed)


async def _promote(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    other = dice.choice([cast.alice, cast.bob, cast.mo])
    if dice.random() < 0.2:
        return await who.http.put(f"groups/{chat}/owner", json={"number": other.number})
    return await who.http.patch(
        f"groups/{chat}/members/{other.number}", json={"role": dice.choice(["admin", "member"])}
    )


async def _card(who: Person, chat: int, dice: random.Random, cast: Cast) -> object:
    return await who.http.patch(f"groups/{chat}/members/me", json={"card": dice.choice(["", "Old hand", "Reader"])})


DOES: dict[str, Act] = {
    "say": _some("alice bob mo chen robot", _say),
    "edit": _some("robot", _edit),
    "recall": _some("alice bob mo robot", _recall),
    "react": _some("alice bob mo chen", _react),
    "unreact": _some("alice bob mo", _unreact),
    "pin": _some("alice mo", _pin),
    "unpin": _some("alice mo", _unpin),
    "read": _some("alice bob mo chen", _read),
    "keep": _some("alice bob mo", _keep),
    "join": _some("chen", _join),
    "leave": _some("bob mo chen", _leave),
    "remove": _some("alice mo", _remove),
    "mute": _some("alice mo", _mute),
    "mute all": _some("alice mo", _mute_all),
    "announce": _some("alice mo", _announce),
    "read notice": _some("alice bob mo chen", _read_notice),
    "rename": _some("alice mo", _rename),
    "promote": _some("alice bob mo", _promote),
    "card": _some("alice bob mo", _card),
}

ACTS = [*DOES, *["say", "edit", "edit", "react", "react", "unreact", "read", "recall"] * 3]
"""What is drawn from: what people do most comes most."""

SAID_BEFORE = 4


@drawn(
    max_examples=12,
    deadline=None,
    derandomize=True,
    # An example that fails is told as it is: to make it smaller takes far longer than to read it.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=20, max_size=40), dice=st.randoms(use_true_random=False))
async def test_any_sequence_of_actions_applied_as_frames_gives_the_fresh_snapshot(
    troupe: Troupe, house: House, clock: HandClock, acts: list[str], dice: random.Random
) -> None:
    clock.advance(minutes=1)
    stream = Stream(house)
    cast, chat = troupe, await group_of(troupe, house.database)
    await install(cast.alice, chat, cast.robot, "send")
    people = [cast.alice, cast.bob, cast.mo, cast.chen]
    for number, speaker in zip(range(SAID_BEFORE), [cast.alice, cast.robot, cast.bob, cast.robot], strict=True):
        await try_to_say(speaker, chat, f"{number}")
    watches = [await watch(person, chat, stream) for person in people]
    for act in acts:
        if dice.random() < 0.1:
            watches.append(await watch(dice.choice(people), chat, stream))
        await DOES[act](cast, chat, dice)
    for one in watches:
        if one is None:
            continue
        one.catch_up(stream, dice)
        fresh = await watch(one.person, chat, stream)
        if not one.state.is_gone:
            assert fresh is not None
            assert differences(comparable(one.state), comparable(fresh.state)) == []


def test_a_recall_of_a_message_that_was_counted_before_it_came_counts() -> None:
    me, bob = 10001, 10002
    snapshot = {"last_seq": 0, "last_rev": 0, "read_seq": 0, "unread": 0, "mentions": 0, "pins": []}
    state = State(snapshot, {"messages": [], "rev": 0})
    message = {"on": "message", "chat": 1, "from": {"number": bob}, "segments": []}
    read = {"on": "read", "chat": 1, "seq": 1, "unread": 1, "mentions": 0, "last_seq": 2, "last_rev": 0}
    recalled = {"on": "recalled", "rev": 1, "seq": 2, "sender": bob, "by": bob, "mentions": [], "mentions_all": False}

    for frame in (read, recalled, {**message, "seq": 1}, {**message, "seq": 2}):
        apply(state, frame, me)

    assert state.chat["unread"] == 0
