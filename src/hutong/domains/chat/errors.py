"""What can go wrong in a conversation, as sentences."""

from hutong.kit.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unavailable

__all__ = [
    "AdminsFull",
    "AnnouncementEmpty",
    "AnnouncementsFull",
    "AnswerNeeded",
    "BadAnswer",
    "BadGroupName",
    "BadReaction",
    "BadSegment",
    "Banned",
    "BotsCannotOwn",
    "CannotLeaveAsOwner",
    "CapacityTooSmall",
    "DirectWithOneself",
    "ForwardNotForBots",
    "ForwardTooLarge",
    "GroupIsFull",
    "InvitationNeeded",
    "InvitationsFull",
    "MentionAllDenied",
    "MentionAllUsedUp",
    "MessageEmpty",
    "MessageTooLong",
    "Muted",
    "MutedAll",
    "NoSuchAnnouncement",
    "NoSuchCapacity",
    "NoSuchChat",
    "NoSuchInvitation",
    "NoSuchMember",
    "NoSuchMessage",
    "NoSuchRequest",
    "NotAllowed",
    "OnlyBotsEdit",
    "OnlyBotsSay",
    "OutOfReach",
    "PinsFull",
    "ReactionsFull",
    "RecallTooLate",
    "RequestsFull",
    "TextTooLong",
    "WriterBusy",
]


class NoSuchChat(NotFound):
    code = "chat.no_such_chat"
    text = "There is no such conversation, or it is not yours to see."


class NoSuchMessage(NotFound):
    code = "chat.no_such_message"
    text = "There is no such message in this conversation."


class NoSuchMember(NotFound):
    code = "chat.no_such_member"
    text = "There is no such member in this group."


class NoSuchInvitation(NotFound):
    code = "chat.no_such_invitation"
    text = "This invitation is not good any more, or never was."


class NoSuchRequest(NotFound):
    code = "chat.no_such_request"
    text = "Nobody with this number is waiting to join."


class NoSuchAnnouncement(NotFound):
    code = "chat.no_such_announcement"
    text = "There is no such announcement in this group."


class NotAllowed(Denied):
    code = "chat.not_allowed"
    text = "Your role in this group does not allow that."


class BotsCannotOwn(Denied):
    code = "chat.bots_cannot_own"
    text = "A bot cannot own a group."


class ForwardNotForBots(Denied):
    code = "chat.forward_not_for_bots"
    text = "Bots cannot forward what stands in another conversation."


class OnlyBotsSay(Denied):
    code = "chat.only_bots_say"
    text = "Only bots can send a part of the type {kind}."


class OnlyBotsEdit(Denied):
    code = "chat.only_bots_edit"
    text = "Only bots can change what they have said. You can recall a message and write another one."


class OutOfReach(Denied):
    code = "chat.out_of_reach"
    text = "This person takes messages only from people whom they have chosen."


class Muted(Denied):
    code = "chat.muted"
    text = "You are muted here until {until}."


class MutedAll(Denied):
    code = "chat.muted_all"
    text = "Only the owner and the admins may speak here just now."


class Banned(Denied):
    code = "chat.banned"
    text = "The admins of this group keep you out."


class InvitationNeeded(Denied):
    code = "chat.invitation_needed"
    text = "This group takes people by invitation. Ask a member for a link."


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


class CapacityTooSmall(Conflict):
    code = "chat.capacity_too_small"
    text = "This group has {members} members already; it cannot shrink to {capacity}."


class RequestsFull(Conflict):
    code = "chat.requests_full"
    text = "So many people are waiting to join that nobody else can ask just now."


class InvitationsFull(Conflict):
    code = "chat.invitations_full"
    text = "This group has {count_max} invitations. Revoke one before you make another."


class CannotLeaveAsOwner(Conflict):
    code = "chat.cannot_leave_as_owner"
    text = "The owner cannot leave. Hand the group over to someone first, or dissolve it."


class AnnouncementsFull(Conflict):
    code = "chat.announcements_full"
    text = "A group keeps at most {announcements_max} announcements. Take an old one down first."


class PinsFull(Conflict):
    code = "chat.pins_full"
    text = "At most {pins_max} messages can be pinned here. Take one down first."


class ReactionsFull(Conflict):
    code = "chat.reactions_full"
    text = "This message has {kinds_max} different reactions already. Join one of them."


class DirectWithOneself(Invalid):
    code = "chat.direct_with_oneself"
    text = "You cannot begin a conversation with yourself."


class ForwardTooLarge(Invalid):
    code = "chat.forward_too_large"
    text = "This is too much to forward at once: at most {items_max} messages, {depth_max} forwards deep."


class AnnouncementEmpty(Invalid):
    code = "chat.announcement_empty"
    text = "An announcement has 1 to {chars_max} characters."


class BadReaction(Invalid):
    code = "chat.bad_reaction"
    text = "A reaction is one emoji."


class BadGroupName(Invalid):
    code = "chat.bad_group_name"
    text = "A group's name has 1 to {chars_max} characters."


class TextTooLong(Invalid):
    code = "chat.text_too_long"
    text = "This is too long: {field} holds at most {chars_max} characters."


class NoSuchCapacity(Invalid):
    code = "chat.no_such_capacity"
    text = "A group holds {capacities} members."


class AnswerNeeded(Invalid):
    code = "chat.answer_needed"
    text = "This group asks a question of those who want to join; answer it."


class BadSegment(Invalid):
    code = "chat.bad_segment"
    text = "The message has a part that cannot be sent: {reason}"


class BadAnswer(Invalid):
    code = "chat.bad_answer"
    text = "The answer to “{label}” cannot be taken: {reason}."


class MessageEmpty(Invalid):
    code = "chat.message_empty"
    text = "There is nothing in this message."


class MessageTooLong(Invalid):
    code = "chat.message_too_long"
    text = "A message holds at most {text_chars_max} characters; this one has {text_chars}."


class WriterBusy(Unavailable):
    code = "chat.writer_busy"
    text = "The server cannot store messages just now. Send yours again in a moment: it will not appear twice."
