"""What can go wrong in a conversation, as sentences."""

from hutong.kit.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unavailable

__all__ = [
    "AdminsFull",
    "BadReaction",
    "BadSegment",
    "CannotLeaveAsOwner",
    "GroupIsFull",
    "MentionAllDenied",
    "MentionAllUsedUp",
    "MessageEmpty",
    "MessageTooLong",
    "Muted",
    "MutedAll",
    "NoSuchChat",
    "NoSuchMessage",
    "NotAllowed",
    "PinsFull",
    "ReactionsFull",
    "RecallTooLate",
    "WriterBusy",
]


class NoSuchChat(NotFound):
    code = "chat.no_such_chat"
    text = "There is no such conversation, or it is not yours to see."


class NoSuchMessage(NotFound):
    code = "chat.no_such_message"
    text = "There is no such message in this conversation."


class NotAllowed(Denied):
    code = "chat.not_allowed"
    text = "Your role in this group does not allow that."


class Muted(Denied):
    code = "chat.muted"
    text = "You are muted here until {until}."


class MutedAll(Denied):
    code = "chat.muted_all"
    text = "Only the owner and the admins may speak here just now."


class RecallTooLate(Denied):
    code = "chat.recall_too_late"
    text = "A message can be recalled within {window_s} seconds of sending it."


class MentionAllDenied(Denied):
    code = "chat.mention_all_denied"
    text = "Only the owner and the admins may mention everybody."


class MentionAllUsedUp(TooMany):
    code = "chat.mention_all_used_up"
    text = "Everybody has been mentioned {count_max} times today in this group; tomorrow is another day."


class GroupIsFull(Conflict):
    code = "chat.group_is_full"
    text = "This group is full: it holds {capacity} members."


class AdminsFull(Conflict):
    code = "chat.admins_full"
    text = "A group of this size has at most {admins_max} admins."


class CannotLeaveAsOwner(Conflict):
    code = "chat.cannot_leave_as_owner"
    text = "The owner cannot leave. Hand the group over to someone first, or dissolve it."


class PinsFull(Conflict):
    code = "chat.pins_full"
    text = "At most {pins_max} messages can be pinned here. Take one down first."


class ReactionsFull(Conflict):
    code = "chat.reactions_full"
    text = "This message has {kinds_max} different reactions already. Join one of them."


class BadReaction(Invalid):
    code = "chat.bad_reaction"
    text = "A reaction is one emoji."


class BadSegment(Invalid):
    code = "chat.bad_segment"
    text = "The message has a part that cannot be sent: {reason}"


class MessageEmpty(Invalid):
    code = "chat.message_empty"
    text = "There is nothing in this message."


class MessageTooLong(Invalid):
    code = "chat.message_too_long"
    text = "A message holds at most {text_chars_max} characters; this one has {text_chars}."


class WriterBusy(Unavailable):
    code = "chat.writer_busy"
    text = "The server cannot store messages just now. Send yours again in a moment: it will not appear twice."
