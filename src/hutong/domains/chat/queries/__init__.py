"""Reads that deserve a name, and the gates. A gate raises ``NoSuchChat`` for what the viewer may not know to exist."""

from .chats import MENTIONS, UNREAD, chat_rows, chat_snapshot, list_chats, read_counts
from .groups import governed_group, group_view, groups_in_common, sees_group, visible_group
from .messages import (
    changes_after,
    message_frames,
    message_json,
    page_of_messages,
    pinned_seqs,
    shown_messages,
)
from .seats import (
    Counters,
    Seat,
    counters_of_many,
    is_member,
    people_in,
    seats_in,
    seats_of,
    shown_as,
    visible_chat,
)

__all__ = [
    "MENTIONS",
    "UNREAD",
    "Counters",
    "Seat",
    "changes_after",
    "chat_rows",
    "chat_snapshot",
    "counters_of_many",
    "governed_group",
    "group_view",
    "groups_in_common",
    "is_member",
    "list_chats",
    "message_frames",
    "message_json",
    "page_of_messages",
    "people_in",
    "pinned_seqs",
    "read_counts",
    "seats_in",
    "seats_of",
    "sees_group",
    "shown_as",
    "shown_messages",
    "visible_chat",
    "visible_group",
]
