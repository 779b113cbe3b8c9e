"""What a client does with frames: docs/protocol/socket.md in Python.

``apply(state, frame, me)`` changes a snapshot so that it is the next one. Messages, changes and what concerns the
account alone each come in order, but not in step with each other; nothing here depends on how they mix.
"""

from typing import Any

Frame = dict[str, Any]


class State:
    """A snapshot and the messages of its newest page, as one member of the conversation holds them."""

    def __init__(self, snapshot: Frame, page: Frame) -> None:
        self.chat: Frame = snapshot
        self.messages: dict[int, Frame] = {message["seq"]: message for message in page["messages"]}
        # Changes up to here are in the messages of the page.
        self.page_rev: int = page["rev"]
        # Up to where the counts have been counted, and what came since.
        self.counted_seq: int = snapshot["last_seq"]
        self.counted_rev: int = snapshot["last_rev"]
        self.recalls: dict[int, Frame] = {}
        # My reading of a notice may come before the notice does.
        self.notices_read: set[int] = set()
        # What was put to messages that are not here yet.
        self.waiting: dict[int, list[Frame]] = {}
        self.is_gone = False


def apply(state: State, frame: Frame, me: int) -> None:
    """Applies one frame; one that was applied before changes nothing."""
    if frame["on"] == "message":
        _message(state, frame, me)
    elif "rev" in frame:
        if frame["rev"] > state.chat["last_rev"]:
            assert frame["rev"] == state.chat["last_rev"] + 1, "a client that sees a hole asks for it"
            state.chat["last_rev"] = frame["rev"]
            _CHANGES.get(frame["on"], _nothing)(state, frame, me)
    elif frame["on"] in _MINE:
        _MINE[frame["on"]](state, frame, me)


def _message(state: State, frame: Frame, me: int) -> None:
    chat, seq = state.chat, frame["seq"]
    if seq <= chat["last_seq"]:
        return
    assert seq == chat["last_seq"] + 1, "a client that sees a hole asks for it"
    message = {name: value for name, value in frame.items() if name != "on"}
    # A page that was loaded later knows more about the message than its frame.
    state.messages.setdefault(seq, message)
    chat["last_seq"] = seq
    chat["last_message"] = dict(message)
    for earlier in state.waiting.pop(seq, []):
        _put_to_message(state, earlier, me)
    if seq > state.counted_seq and _counts(state, message, me):
        chat["unread"] += 1
        chat["mentions"] += _mentions(message, me)


def _counts(state: State, message: Frame, me: int) -> bool:
    """Whether the message is one to be read: after my mark, not mine, not recalled."""
    is_recalled = message.get("recalled", False) or message["seq"] in state.recalls
    return message["seq"] > state.chat["read_seq"] and message["from"]["number"] != me and not is_recalled


def _mentions(message: Frame, me: int) -> bool:
    """Of a message that was edited, whether it called me when it was said."""
    if "edited_at" in message:
        return message["mentions_all"] or me in message["mentions"]
    return any(
        part["type"] == "mention" and (part.get("all") or part.get("number") == me) for part in message["segments"]
    )


def _recalled(state: State, frame: Frame, me: int) -> None:
    chat, seq = state.chat, frame["seq"]
    chat["pins"] = [pin for pin in chat["pins"] if pin != seq]
    is_counted = seq <= max(chat["last_seq"], state.counted_seq)
    if is_counted and frame["rev"] > state.counted_rev and seq > chat["read_seq"]:
        _count_recall(state, frame, me)
    state.recalls[seq] = frame
    _put_to_message(state, frame, me)


def _count_recall(state: State, frame: Frame, me: int) -> None:
    if frame["sender"] != me:
        state.chat["unread"] -= 1
        state.chat["mentions"] -= frame["mentions_all"] or me in frame["mentions"]


def _put_to_message(state: State, frame: Frame, me: int) -> None:
    """What changes a message itself waits where the message is still to come."""
    if frame["seq"] > state.chat["last_seq"]:
        state.waiting.setdefault(frame["seq"], []).append(frame)
        return
    message = state.messages.get(frame["seq"])
    shown = [message] if message is not None and frame["rev"] > state.page_rev else []
    if state.chat["last_seq"] == frame["seq"] and frame["on"] in ("recalled", "edited"):
        shown.append(state.chat["last_message"])
    for one in shown:
        if frame["on"] == "recalled":
            one |= {"segments": [], "recalled": True, "recalled_by": frame["by"]}
            for name in ("reactions", "previews", *EDITED):
                one.pop(name, None)
        elif frame["on"] == "edited":
            _edited(one, frame)
        elif frame["on"] == "reacted":
            _react(one, frame, me)
        else:
            one["previews"] = frame["previews"]


EDITED = ("edited_at", "mentions", "mentions_all")


def _edited(message: Frame, frame: Frame) -> None:
    if message.get("recalled"):
        return
    message |= {"segments": frame["segments"], "edited_at": frame["at"]}
    message |= {name: frame[name] for name in ("mentions", "mentions_all")}
    message.pop("previews", None)
    if frame["previews"]:
        message["previews"] = frame["previews"]


def _react(message: Frame, frame: Frame, me: int) -> None:
    mine = {one["emoji"] for one in message.pop("reactions", []) if one["mine"]}
    if frame["number"] == me:
        mine = mine | {frame["emoji"]} if frame["added"] else mine - {frame["emoji"]}
    if frame["reactions"]:
        message["reactions"] = [{**one, "mine": one["emoji"] in mine} for one in frame["reactions"]]


def _pinned(state: State, frame: Frame, me: int) -> None:
    state.chat["pins"] = frame["pins"]


def _announced(state: State, frame: Frame, me: int) -> None:
    unread = [one for one in state.chat["announcements_unread"] if one != frame["id"]]
    is_news = not frame["removed"] and frame["by"] != me and frame["id"] not in state.notices_read
    state.chat["announcements_unread"] = [*unread, frame["id"]] if is_news else unread
    state.chat["announcement"] = frame["announcement"]


def _members(state: State, frame: Frame, me: int) -> None:
    state.chat["group"]["members"] = frame["members"]


def _left(state: State, frame: Frame, me: int) -> None:
    state.is_gone |= frame["number"] == me
    _members(state, frame, me)


def _muted(state: State, frame: Frame, me: int) -> None:
    if "all" in frame:
        state.chat["group"]["mute_all"] = frame["all"]
    elif frame["number"] == me:
        state.chat["me"]["muted_until"] = frame["until"]


def _role(state: State, frame: Frame, me: int) -> None:
    if frame["role"] == "owner":
        state.chat["group"]["owner"] = frame["number"]
    if frame["number"] == me:
        state.chat["me"]["role"] = state.chat["group"]["my_role"] = frame["role"]


def _card(state: State, frame: Frame, me: int) -> None:
    if frame["number"] == me:
        state.chat["me"]["card"] = frame["card"]


def _settings(state: State, frame: Frame, me: int) -> None:
    state.chat["group"] |= frame["group"]
    state.chat |= {name: frame["group"][name] for name in ("name", "avatar") if name in frame["group"]}


def _nothing(state: State, frame: Frame, me: int) -> None:
    """A change that a client does not know moves ``last_rev`` on and nothing else."""


_CHANGES = {
    "recalled": _recalled,
    "edited": _put_to_message,
    "reacted": _put_to_message,
    "previewed": _put_to_message,
    "pinned": _pinned,
    "announced": _announced,
    "joined": _members,
    "left": _left,
    "muted": _muted,
    "role": _role,
    "card": _card,
    "chat": _settings,
}


def _read(state: State, frame: Frame, me: int) -> None:
    """The counts come as they were at ``last_seq`` and ``last_rev``; what is known to be later is counted on top."""
    chat = state.chat
    if frame["seq"] <= chat["read_seq"]:
        return
    state.counted_seq, state.counted_rev = frame["last_seq"], frame["last_rev"]
    chat |= {"read_seq": frame["seq"], "unread": frame["unread"], "mentions": frame["mentions"]}
    for seq in range(frame["last_seq"] + 1, chat["last_seq"] + 1):
        if _counts(state, state.messages[seq], me):
            chat["unread"] += 1
            chat["mentions"] += _mentions(state.messages[seq], me)
    for seq, recall in state.recalls.items():
        if recall["rev"] > frame["last_rev"] and frame["seq"] < seq <= frame["last_seq"]:
            _count_recall(state, recall, me)


def _seat(state: State, frame: Frame, me: int) -> None:
    state.chat |= {"notify": frame["notify"], "pinned": frame["pinned"]}


def _announcement_read(state: State, frame: Frame, me: int) -> None:
    state.notices_read.add(frame["id"])
    state.chat["announcements_unread"] = [one for one in state.chat["announcements_unread"] if one != frame["id"]]


_MINE = {"read": _read, "seat": _seat, "announcement_read": _announcement_read}
