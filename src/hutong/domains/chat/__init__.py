"""Conversations: direct ones and groups, and what is said in them.

A *chat* is a conversation of either kind; a *group* is what a group chat says of itself; a *seat* is somebody's place
in a chat (a *member*); a *message* is a list of segments under a dense ``seq``; a *change* is anything else that
happens, under a dense ``rev``; a *frame* is either of them as it travels.

Invariants: ``seq`` and ``rev`` of a chat run 1, 2, 3 … without holes; a key of one sender in one chat is stored once;
``members_rev`` rises with every change of who is in a chat or may speak, and a message checked against an older one is
checked again before it is stored. Promise: what was acknowledged is stored, and nothing committed after a removal was
answered reaches the removed.

Messages are written by ``MessageWriter``; everything else by the actions, in the caller's transaction.
"""

from .actions.groups import change_group, create_group, dissolve_group, hand_over_group
from .actions.invitations import make_invitation
from .actions.joining import decide_request, join_group
from .actions.members import leave_group, remove_member, set_card, set_role
from .actions.mutes import mute_all, mute_member, unmute_member
from .actions.past import (
    PastGroup,
    PastMessage,
    PastSeat,
    append_past,
    chat_from,
    found_group,
    known_keys,
    leave_unread,
    note_origin,
    seat_past_members,
    seated_numbers,
)
from .actions.preparing import prepare
from .actions.presence import beat, forget_dead_gateways, leave_gateway, note_presence
from .actions.reads import mark_read
from .errors import NoSuchChat, NotAllowed
from .facts import (
    GroupChanged,
    GroupCreated,
    GroupDissolved,
    GroupHandedOver,
    JoinRequestDecided,
    JoinRequested,
    MemberJoined,
    MemberLeft,
    MemberMuted,
    MemberRoleChanged,
    MessagesSent,
    SentRange,
)
from .frames import Parcel, account_subject, chat_subject, pack, unpack
from .models import GroupKind, refusal_to_speak
from .outgoing import Outgoing, StoredRun
from .queries import (
    Counters,
    Presence,
    Seat,
    carried_media,
    changes_after,
    chat_rows,
    chats_of,
    counters_of_many,
    groups_in_common,
    is_member,
    list_chats,
    message_frames,
    presence_in,
    seats_in,
    seats_of,
    sees_group,
)
from .schemas import ChatRow, DecisionDraft, GroupDraft, GroupPatch, InvitationDraft, JoinDraft, JoinView, Person
from .segments import Draft, MentionOf, Reply, Text, read_segments, segment_of
from .writer import MessageWriter

__all__ = [
    "ChatRow",
    "Counters",
    "DecisionDraft",
    "Draft",
    "GroupChanged",
    "GroupCreated",
    "GroupDissolved",
    "GroupDraft",
    "GroupHandedOver",
    "GroupKind",
    "GroupPatch",
    "InvitationDraft",
    "JoinDraft",
    "JoinRequestDecided",
    "JoinRequested",
    "JoinView",
    "MemberJoined",
    "MemberLeft",
    "MemberMuted",
    "MemberRoleChanged",
    "MentionOf",
    "MessageWriter",
    "MessagesSent",
    "NoSuchChat",
    "NotAllowed",
    "Outgoing",
    "Parcel",
    "PastGroup",
    "PastMessage",
    "PastSeat",
    "Person",
    "Presence",
    "Reply",
    "Seat",
    "SentRange",
    "StoredRun",
    "Text",
    "account_subject",
    "append_past",
    "beat",
    "carried_media",
    "change_group",
    "changes_after",
    "chat_from",
    "chat_rows",
    "chat_subject",
    "chats_of",
    "counters_of_many",
    "create_group",
    "decide_request",
    "dissolve_group",
    "forget_dead_gateways",
    "found_group",
    "groups_in_common",
    "hand_over_group",
    "is_member",
    "join_group",
    "known_keys",
    "leave_gateway",
    "leave_group",
    "leave_unread",
    "list_chats",
    "make_invitation",
    "mark_read",
    "message_frames",
    "mute_all",
    "mute_member",
    "note_origin",
    "note_presence",
    "pack",
    "prepare",
    "presence_in",
    "read_segments",
    "refusal_to_speak",
    "remove_member",
    "seat_past_members",
    "seated_numbers",
    "seats_in",
    "seats_of",
    "sees_group",
    "segment_of",
    "set_card",
    "set_role",
    "unmute_member",
    "unpack",
]
