"""What can go wrong with accounts, as sentences."""

from hutong.kit.errors import Conflict, Denied, Invalid, NotFound, Unavailable

__all__ = [
    "BadAbout",
    "BadBirthYear",
    "BadEmail",
    "BadHandle",
    "BadNickname",
    "BadPassword",
    "EmailTaken",
    "HandleReserved",
    "HandleTaken",
    "InvitationNeeded",
    "LastWayIn",
    "NoSuchAccount",
    "NoSuchProvider",
    "NotAPlaceholder",
    "NotWaiting",
    "OutsideAway",
    "OutsideLinked",
    "OutsideRefused",
    "OutsideTaken",
    "OutsideUnknown",
    "PasskeyRefused",
    "SecondFactorIsOn",
    "SecondFactorNeeded",
    "SecondFactorNotPrepared",
    "SecondFactorWrong",
    "SignInAgain",
    "SignInBusy",
    "SignInRefused",
    "SignUpRefused",
    "TooManyPasskeys",
    "WaitingForApproval",
    "WrongPassword",
]


class NoSuchAccount(NotFound):
    code = "identity.no_such_account"
    text = "There is no such account."


class BadNickname(Invalid):
    code = "identity.bad_nickname"
    text = "A nickname has 1 to {chars_max} characters."


class BadPassword(Invalid):
    code = "identity.bad_password"
    text = "A password has {chars_min} to {chars_max} characters."


class BadEmail(Invalid):
    code = "identity.bad_email"
    text = "This is not an e-mail address."


class BadHandle(Invalid):
    code = "identity.bad_handle"
    text = "A handle has {chars_min} to {chars_max} letters a to z, digits, _ and -, and begins with a letter."


class BadAbout(Invalid):
    code = "identity.bad_about"
    text = "What one says about oneself has up to {chars_max} characters."


class BadBirthYear(Invalid):
    code = "identity.bad_birth_year"
    text = "A year of birth lies between {year_min} and {year_max}."


class HandleReserved(Conflict):
    code = "identity.handle_reserved"
    text = "The handle {handle} is kept for the site itself."


class HandleTaken(Conflict):
    code = "identity.handle_taken"
    text = "The handle {handle} is taken."


class EmailTaken(Conflict):
    code = "identity.email_taken"
    text = "This e-mail address belongs to another account."


class NotAPlaceholder(Conflict):
    code = "identity.not_a_placeholder"
    text = "The account {number} does not stand for somebody of an import, or has been claimed."


class NotWaiting(Conflict):
    code = "identity.not_waiting"
    text = "The account {number} is not waiting for approval."


class InvitationNeeded(Denied):
    code = "identity.invitation_needed"
    text = "Signing up here needs an invitation that is still good."


class SignInRefused(Denied):
    """One answer for an unknown login and for a wrong password, so that neither can be told from the other."""

    status = 401
    code = "identity.sign_in_refused"
    text = "This login and this password do not belong together."


class WaitingForApproval(Denied):
    code = "identity.waiting_for_approval"
    text = "This account is waiting until someone who runs this site has approved it."


class SignUpRefused(Denied):
    code = "identity.sign_up_refused"
    text = "The people who run this site did not approve this account."


class WrongPassword(Denied):
    code = "identity.wrong_password"
    text = "This is not the present password."


class SignInAgain(Denied):
    code = "identity.sign_in_again"
    text = "You have been signed in here for a while. Sign in once more, and then do this."


class SecondFactorNeeded(Denied):
    """Login and password are right; the code of the phone, or a recovery code, is missing."""

    status = 401
    code = "identity.second_factor_needed"
    text = "This account also asks for the code that your phone shows."


class SecondFactorWrong(Denied):
    status = 401
    code = "identity.second_factor_wrong"
    text = "This code is not good, or was used already."


class SecondFactorIsOn(Conflict):
    code = "identity.second_factor_is_on"
    text = "The second factor is on already. Switch it off first."


class SecondFactorNotPrepared(Conflict):
    code = "identity.second_factor_not_prepared"
    text = "There is no secret yet that a code could belong to."


class PasskeyRefused(Denied):
    """One answer for whatever is wrong with a passkey; the log says what it was."""

    status = 401
    code = "identity.passkey_refused"
    text = "This passkey was not accepted."


class TooManyPasskeys(Conflict):
    code = "identity.too_many_passkeys"
    text = "An account has {passkeys_max} passkeys at most. Drop one first."


class SignInBusy(Unavailable):
    """More passwords wait to be checked than is sensible; nothing was changed."""

    code = "identity.sign_in_busy"
    text = "Too many people are signing in just now. Try again in a moment."


class NoSuchProvider(NotFound):
    code = "identity.no_such_provider"
    text = "There is no such way to sign in here."


class OutsideRefused(Denied):
    """One answer for whatever is wrong with what a provider says; the log says what it was."""

    status = 401
    code = "identity.outside_refused"
    text = "{name} has not confirmed who you are. Begin anew."


class OutsideUnknown(Denied):
    """Nobody is made an account for who comes by this provider."""

    code = "identity.outside_unknown"
    text = "Nobody here has linked this account of {name}. Sign in another way, and link it in your settings."


class OutsideTaken(Conflict):
    code = "identity.outside_taken"
    text = "This account of {name} is linked to somebody else here."


class OutsideLinked(Conflict):
    code = "identity.outside_linked"
    text = "You have linked an account of {name} already. Unlink that one first."


class LastWayIn(Conflict):
    code = "identity.last_way_in"
    text = "This is the only way into your account. Add another one before you take it away."


class OutsideAway(Unavailable):
    code = "identity.outside_away"
    text = "{name} cannot be asked just now. Try again in a moment, or sign in another way."
