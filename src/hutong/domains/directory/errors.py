"""What can go wrong with the directory of apps, as sentences."""

from hutong.kit.errors import Conflict, Denied, Invalid, NotFound

__all__ = [
    "BadGrant",
    "CategoryMissing",
    "GrantRunning",
    "GrantsFull",
    "NameMissing",
    "NoSuchGrant",
    "NoSuchListing",
    "NoSuchOffer",
    "NoSuchRating",
    "NoSuchVersion",
    "NotApproved",
    "NotAsSeen",
    "NotListed",
    "NotSubmitted",
    "NotUsed",
    "NothingToUse",
    "OwnApp",
    "ReasonsMissing",
    "ReplyEmpty",
    "ReviewTakenBack",
    "TaglineMissing",
    "TextTooLong",
    "TooManyScreenshots",
    "VersionClosed",
    "VersionUnderWay",
]


class NoSuchListing(NotFound):
    code = "directory.no_such_listing"
    text = "There is no such app in the directory."


class NoSuchVersion(NotFound):
    code = "directory.no_such_version"
    text = "This app has no such version."


class NoSuchRating(NotFound):
    code = "directory.no_such_rating"
    text = "There is no such rating."


class NoSuchOffer(NotFound):
    code = "directory.no_such_offer"
    text = "There is no such offer for this group."


class NoSuchGrant(NotFound):
    code = "directory.no_such_grant"
    text = "This app has no grant that is running."


class VersionUnderWay(Conflict):
    """``version`` is the draft or the submitted one that is there already."""

    code = "directory.version_under_way"
    text = "Version {version} of this app is being written or waits to be looked at. Finish that one first."


class VersionClosed(Conflict):
    code = "directory.version_closed"
    text = "This version was handed in and cannot be changed. Take it back first, or make a new one."


class NotSubmitted(Conflict):
    code = "directory.not_submitted"
    text = "This version does not wait to be looked at."


class NotAsSeen(Conflict):
    """Somebody has looked at a version, and its developer has changed it since."""

    code = "directory.not_as_seen"
    text = "This version was changed since it was looked at. It is {fingerprint} now: look at it again."


class NotApproved(Conflict):
    code = "directory.not_approved"
    text = "This version was not approved, so it cannot go live."


class ReviewTakenBack(Denied):
    code = "directory.review_taken_back"
    text = "Whoever runs this hutong does not count this app among the reviewed ones any more, so none of it goes live."


class NotListed(Conflict):
    code = "directory.not_listed"
    text = "This app is not in the directory."


class NameMissing(Invalid):
    code = "directory.name_missing"
    text = "A version needs a name before it can be handed in."


class TaglineMissing(Invalid):
    code = "directory.tagline_missing"
    text = "A version needs a line that says what the app is for before it can be handed in."


class CategoryMissing(Invalid):
    code = "directory.category_missing"
    text = "A version needs a category before it can be handed in."


class NothingToUse(Conflict):
    code = "directory.nothing_to_use"
    text = "An app needs a bot before anything of it goes into the directory: its mini app is opened from a bot, too."


class ReasonsMissing(Invalid):
    code = "directory.reasons_missing"
    text = "Say in 1 to {chars_max} characters why the version is rejected."


class TextTooLong(Invalid):
    code = "directory.text_too_long"
    text = "The {field} has at most {chars_max} characters."


class ReplyEmpty(Invalid):
    code = "directory.reply_empty"
    text = "A reply has 1 to {chars_max} characters."


class TooManyScreenshots(Invalid):
    code = "directory.too_many_screenshots"
    text = "A version has at most {count_max} screenshots."


class OwnApp(Denied):
    code = "directory.own_app"
    text = "You cannot rate your own app."


class NotUsed(Denied):
    code = "directory.not_used"
    text = "Only people who use an app can rate it: they share a group or talk with its bot, or sign in with it."


class BadGrant(Invalid):
    code = "directory.bad_grant"
    text = "A grant has 1 to {showings_max} showings and runs for 1 to {days_max} days."


class GrantRunning(Conflict):
    code = "directory.grant_running"
    text = "A grant of this app is running already. End that one first."


class GrantsFull(Conflict):
    code = "directory.grants_full"
    text = "There are {count_max} grants running, and more are not possible."
