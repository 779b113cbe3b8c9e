"""What can go wrong between a hutong and the programs that are let into it, as sentences."""

from hutong.kit.errors import Conflict, Denied, Invalid, NotFound, TooMany

__all__ = [
    "AppPublished",
    "AppSuspended",
    "AppsFull",
    "BadAppName",
    "BadAuthorization",
    "BadCommand",
    "BadMiniUrl",
    "BadOutlet",
    "BadRedirect",
    "BotsFull",
    "BotsInGroupFull",
    "GroupsOfBotFull",
    "LinesFull",
    "NoMiniApp",
    "NoSuchApp",
    "NoSuchBot",
    "NoSuchButton",
    "NoSuchClient",
    "NoSuchEvent",
    "NoSuchOutlet",
    "NoSuchPress",
    "NoSuchTester",
    "NotForBots",
    "NotReviewed",
    "NotYourButton",
    "OutletsFull",
    "PressAnswered",
    "PublicClient",
    "QuotaUsedUp",
    "SandboxIsForTesters",
    "SandboxIsFull",
    "ScopeMissing",
    "TestersFull",
    "TokenRevoked",
    "TokensFull",
    "TooManyRedirects",
]


class NoSuchApp(NotFound):
    code = "openplatform.no_such_app"
    text = "There is no such app, or it is not yours to see."


class NoSuchBot(NotFound):
    code = "openplatform.no_such_bot"
    text = "There is no such bot, or it is not here."


class NotForBots(Denied):
    code = "openplatform.not_for_bots"
    text = "Bots cannot do this."


class ScopeMissing(Denied):
    code = "openplatform.scope_missing"
    text = "This bot was not granted the scope {scope} here."


class NoSuchButton(NotFound):
    code = "openplatform.no_such_button"
    text = "This button is not there any more."


class NoSuchPress(NotFound):
    code = "openplatform.no_such_press"
    text = "Nobody has pressed a button of this bot under this id, or it was too long ago."


class NotYourButton(Denied):
    code = "openplatform.not_your_button"
    text = "This button is for others."


class PressAnswered(Conflict):
    code = "openplatform.press_answered"
    text = "This was answered already."


class BadCommand(Invalid):
    code = "openplatform.bad_command"
    text = "This is no list of commands: {reason}."


class AppSuspended(Denied):
    code = "openplatform.app_suspended"
    text = "Whoever runs this hutong has suspended this app."


class AppPublished(Conflict):
    code = "openplatform.app_published"
    text = "This app was looked at for the directory, and every change of it is, too: make a new version of it."


class TokenRevoked(Denied):
    code = "openplatform.token_revoked"
    text = "This token is not good any more."


class SandboxIsFull(Conflict):
    code = "openplatform.sandbox_is_full"
    text = "This app was not reviewed yet; until then it works in groups of at most {members_max} members."


class SandboxIsForTesters(Denied):
    code = "openplatform.sandbox_is_for_testers"
    text = (
        "This app was not reviewed yet; until then its bots talk in private only with its owner, its test users, and "
        "people who are in a group with them."
    )


class AppsFull(Conflict):
    code = "openplatform.apps_full"
    text = "You have {count_max} apps, and more are not possible."


class BotsFull(Conflict):
    code = "openplatform.bots_full"
    text = "This app has {count_max} bots, and more are not possible."


class TokensFull(Conflict):
    code = "openplatform.tokens_full"
    text = "This bot has {count_max} tokens. Revoke them, or make one that replaces them."


class BotsInGroupFull(Conflict):
    code = "openplatform.bots_in_group_full"
    text = "This group has {count_max} bots, and more are not possible."


class GroupsOfBotFull(Conflict):
    code = "openplatform.groups_of_bot_full"
    text = "This bot is in {count_max} conversations, and more are not possible."


class OutletsFull(Conflict):
    code = "openplatform.outlets_full"
    text = "This bot has {count_max} outlets, and more are not possible."


class LinesFull(Conflict):
    code = "openplatform.lines_full"
    text = "The bots of this app have {count_max} outlets to which a connection is kept, and more are not possible."


class NoSuchOutlet(NotFound):
    code = "openplatform.no_such_outlet"
    text = "There is no such outlet."


class NoSuchEvent(NotFound):
    code = "openplatform.no_such_event"
    text = "There is no such event, or it is not kept any more."


class BadOutlet(Invalid):
    code = "openplatform.bad_outlet"
    text = "This outlet cannot be used: {reason}."


class BadAppName(Invalid):
    code = "openplatform.bad_app_name"
    text = "The name of an app has 1 to {chars_max} characters."


class QuotaUsedUp(TooMany):
    code = "openplatform.quota_used_up"
    text = (
        "The app has used up its {count_max} calls of {method} for today. They begin anew in {retry_after_s} seconds."
    )


class NoSuchClient(NotFound):
    code = "openplatform.no_such_client"
    text = "There is no app here that signs people in under this number."


class NoSuchTester(NotFound):
    code = "openplatform.no_such_tester"
    text = "This person is none of the app's test users."


class NotReviewed(Denied):
    code = "openplatform.not_reviewed"
    text = "This app was not reviewed yet; until then only its owner and its test users can sign in with it."


class PublicClient(Conflict):
    code = "openplatform.public_client"
    text = "A public client keeps no secret; make it a confidential one first."


class TestersFull(Conflict):
    code = "openplatform.testers_full"
    text = "An app has at most {count_max} test users."


class TooManyRedirects(Conflict):
    code = "openplatform.too_many_redirects"
    text = "An app has 1 to {count_max} addresses that people are sent back to."


class BadRedirect(Invalid):
    code = "openplatform.bad_redirect"
    text = (
        "People cannot be sent back to {address}: it takes https, http on one's own machine, or a scheme such as "
        "org.example.app, and nothing after #."
    )


class BadAuthorization(Invalid):
    """What an app asks for in somebody's browser, where they cannot be sent back to it."""

    code = "openplatform.bad_authorization"
    text = "The app has asked for this sign-in in a way that cannot be answered: {reason}"


class NoMiniApp(NotFound):
    code = "openplatform.no_mini_app"
    text = "This app has no mini app that could be opened."


class BadMiniUrl(Invalid):
    code = "openplatform.bad_mini_url"
    text = "The address of a mini app begins with https:// and a host, and has nothing after #."
