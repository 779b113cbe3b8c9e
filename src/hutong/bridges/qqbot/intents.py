"""What a session wants to be told of: the bits that it names when it identifies.

Bits of things that hutong has not (guilds, forums, audio) are accepted, and nothing comes of them: clients set them
without being asked.
"""

__all__ = ["EVERYTHING", "INTENT_OF", "are_known", "wants"]

_GROUP_MEMBERS = 1 << 24
_GROUPS_AND_PEOPLE = 1 << 25
_INTERACTIONS = 1 << 26

EVERYTHING = _GROUP_MEMBERS | _GROUPS_AND_PEOPLE | _INTERACTIONS
"""The bits of all that there is here."""

_KNOWN = sum(1 << bit for bit in (0, 1, 9, 10, 12, 18, 19, 24, 25, 26, 27, 28, 29, 30))

INTENT_OF: dict[str, int] = {
    "GROUP_MEMBER_ADD": _GROUP_MEMBERS,
    "GROUP_MEMBER_REMOVE": _GROUP_MEMBERS,
    "GROUP_JOIN_REQUEST": _GROUP_MEMBERS,
    "C2C_MESSAGE_CREATE": _GROUPS_AND_PEOPLE,
    "FRIEND_ADD": _GROUPS_AND_PEOPLE,
    "GROUP_AT_MESSAGE_CREATE": _GROUPS_AND_PEOPLE,
    "GROUP_MESSAGE_CREATE": _GROUPS_AND_PEOPLE,
    "GROUP_ADD_ROBOT": _GROUPS_AND_PEOPLE,
    "GROUP_DEL_ROBOT": _GROUPS_AND_PEOPLE,
    "GROUP_MSG_RECEIVE": _GROUPS_AND_PEOPLE,
    "GROUP_MSG_REJECT": _GROUPS_AND_PEOPLE,
    "INTERACTION_CREATE": _INTERACTIONS,
}
"""The bit of each dispatch that there is here."""


def are_known(intents: int) -> bool:
    """Whether each bit means something in this protocol."""
    return intents >= 0 and not intents & ~_KNOWN


def wants(intents: int, name: str) -> bool:
    """Whether a session with these bits is told of dispatches of this name."""
    return bool(intents & INTENT_OF[name])
