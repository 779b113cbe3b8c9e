"""What a bot hears of us, as the updates that these bots wait for.

The updates of the event *n* have the ids 2·*n* and 2·*n* + 1: who comes or goes is told twice, as a member who changes
and as a notice in the conversation. So an id says which event it is of, and nothing is counted but events.
"""

from typing import Any

from .reading import Frame, Scene, message_of
from .shapes import NOTICES, member_of, unix_s, user_of

__all__ = ["DEFAULT_KINDS", "KINDS", "event_before", "updates_of", "wants_replied"]

KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
)
DEFAULT_KINDS = frozenset(KINDS) - {"chat_member", "message_reaction"}
"""What a bot gets that has not said what it wants."""

Update = dict[str, Any]


def event_before(offset: int) -> int:
    """The last event all of whose updates have a lower id than ``offset``."""
    return max(0, offset // 2 - 1)


def wants_replied(frame: Frame) -> int | None:
    """The seq of a message that must be at hand to tell of a frame: the one that was pressed, edited or pinned."""
    return frame.get("seq") if frame.get("on") in ("pressed", "edited") else None


def updates_of(number: int, frame: Frame, scene: Scene, kinds: frozenset[str] = DEFAULT_KINDS) -> list[Update]:
    """The updates of an event, of those kinds that are wanted, in rising id."""
    told = _told(frame, scene)
    return [{"update_id": 2 * number + place, kind: body} for place, (kind, body) in enumerate(told) if kind in kinds]


def _told(frame: Frame, scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    match frame.get("on"):
        case "message" if frame.get("segments"):
            return [("message", message_of(frame, scene))]
        case "edited" if scene.replied is not None:
            edited = scene.replied | {"segments": frame["segments"], "edited_at": frame["at"]}
            return [("edited_message", message_of(edited, scene._replace(replied=None)))]
        case "pressed":
            return [("callback_query", _query(frame, scene))]
        case "joined" | "left":
            return _came_or_went(frame, scene)
        case "installed" if frame.get("new"):
            return _came_or_went(frame | {"number": scene.me["id"], "name": scene.me["first_name"]}, scene)
        case "dissolved":
            return [_changed(frame, scene, scene.me, before="member", after=None)]
        case "role":
            return _role(frame, scene)
        case "muted" if "number" in frame:
            return _muted(frame, scene)
        case "reacted":
            return [("message_reaction", _reaction(frame, scene))]
        case "requested":
            return [("chat_join_request", _request(frame, scene))]
        case "pinned" if frame.get("pinned"):
            pinned = {"message_id": frame["seq"], "chat": scene.chat, "date": 0}
            return [("message", _notice(frame, scene, {"pinned_message": pinned}))]
        case "chat" if "name" in frame.get("group", {}):
            return [("message", _notice(frame, scene, {"new_chat_title": frame["group"]["name"]}))]
    return []


def _query(frame: Frame, scene: Scene) -> dict[str, Any]:
    by = frame["by"]
    query = {
        "id": frame["press"],
        "from": user_of(by["number"], by.get("name", ""), is_bot=bool(by.get("bot"))),
        "chat_instance": str(frame["chat"]),
        "data": frame.get("data", ""),
    }
    if scene.replied is not None:
        query["message"] = message_of(scene.replied, scene._replace(replied=None))
    else:
        query["message"] = {"message_id": frame["seq"], "chat": scene.chat, "date": 0}
    return query


def _person(frame: Frame, scene: Scene, number: str = "number", name: str = "name") -> dict[str, Any]:
    if frame.get(number) == scene.me["id"]:
        return scene.me
    return user_of(frame.get(number, 0), str(frame.get(name, "")), is_bot=bool(frame.get("bot")))


def _by(frame: Frame, scene: Scene) -> dict[str, Any]:
    """Who did it: whoever is named for that, or else whom it happened to."""
    if isinstance(by := frame.get("by"), dict):
        return user_of(by.get("number", 0), str(by.get("name", "")))
    for number in ("by", "removed_by", "accepted_by", "invited_by"):
        if isinstance(frame.get(number), int):
            return _person(frame, scene, number, f"{number}_name")
    return _person(frame, scene)


def _changed(
    frame: Frame, scene: Scene, user: dict[str, Any], *, before: str | None, after: str | None, **more: Any
) -> tuple[str, dict[str, Any]]:
    kind = "my_chat_member" if user["id"] == scene.me["id"] else "chat_member"
    return kind, {
        "chat": scene.chat,
        "from": _by(frame, scene),
        "date": unix_s(frame.get("at", "")),
        "old_chat_member": member_of(user, before),
        "new_chat_member": member_of(user, after, **more),
    }


def _notice(frame: Frame, scene: Scene, what: dict[str, Any]) -> dict[str, Any]:
    return {
        "message_id": NOTICES + int(frame.get("rev") or frame.get("event", 0)),
        "date": unix_s(frame.get("at", "")),
        "chat": scene.chat,
        "from": _by(frame, scene),
    } | what


def _came_or_went(frame: Frame, scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    user = _person(frame, scene)
    if frame["on"] != "left":
        changed = _changed(frame, scene, user, before=None, after=frame.get("role") or "member")
        if scene.chat["type"] == "private":
            return [changed]
        return [changed, ("message", _notice(frame, scene, {"new_chat_members": [user]}))]
    removed = "removed_by" in frame
    changed = _changed(frame, scene, user, before="member", after=None, banned=removed)
    if user["id"] == scene.me["id"]:
        return [changed]
    return [changed, ("message", _notice(frame, scene, {"left_chat_member": user}))]


def _role(frame: Frame, scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    after = str(frame.get("role", "member"))
    before = {"member": "admin", "admin": "member", "owner": "admin"}.get(after, "member")
    return [_changed(frame, scene, _person(frame, scene), before=before, after=after)]


def _muted(frame: Frame, scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    until_s = unix_s(frame.get("until") or "")
    kind, body = _changed(frame, scene, _person(frame, scene), before="member", after="member", muted_until_s=until_s)
    return [(kind, body)]


def _reaction(frame: Frame, scene: Scene) -> dict[str, Any]:
    reaction = [{"type": "emoji", "emoji": frame.get("emoji", "")}]
    added = bool(frame.get("added"))
    return {
        "chat": scene.chat,
        "message_id": frame["seq"],
        "user": _person(frame, scene),
        "date": unix_s(frame.get("at", "")),
        "old_reaction": [] if added else reaction,
        "new_reaction": reaction if added else [],
    }


def _request(frame: Frame, scene: Scene) -> dict[str, Any]:
    user = _person(frame, scene)
    request = {"chat": scene.chat, "from": user, "user_chat_id": user["id"], "date": unix_s(frame.get("at", ""))}
    return request | ({"bio": frame["answer"]} if frame.get("answer") else {})
