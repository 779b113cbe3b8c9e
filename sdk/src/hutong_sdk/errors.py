"""What can go wrong. A refusal by the server is a sentence with a code that never changes, in one of six families."""

from typing import Any, ClassVar

__all__ = [
    "BadSignature",
    "Conflict",
    "Denied",
    "HutongError",
    "Invalid",
    "NotFound",
    "Refused",
    "SignInNeeded",
    "TooMany",
    "Unavailable",
    "Unreachable",
    "refusal",
]


class HutongError(Exception):
    """Everything that this package raises of itself."""


class Unreachable(HutongError):
    """The server did not answer for as long as was waited. It may have done what it was asked."""


class BadSignature(HutongError):
    """A delivery was not signed with the secret, or long ago."""


class Refused(HutongError):
    """The server said no. ``code`` is stable, as ``chat.muted``; ``detail`` is the sentence for people, and ``params``
    are what it was filled with."""

    status: ClassVar[int] = 0

    def __init__(self, code: str, detail: str, params: dict[str, Any] | None = None) -> None:
        super().__init__(f"{detail} ({code})")
        self.code = code
        self.detail = detail
        self.params = params or {}


class Invalid(Refused):
    """What was sent could not be understood, or is outside of the limits."""

    status = 400


class SignInNeeded(Refused):
    """The token is not good, or not any more."""

    status = 401


class Denied(Refused):
    """The bot is known and may not do this: a scope is missing, or it has no such role."""

    status = 403


class NotFound(Refused):
    """It does not exist, or the bot may not know that it does."""

    status = 404


class Conflict(Refused):
    """It is not possible as things stand."""

    status = 409


class TooMany(Refused):
    """Too often, or the day's quota is used up."""

    status = 429

    @property
    def retry_after_s(self) -> int:
        """In how many seconds it is worth trying again; 0 where the server did not say."""
        return int(self.params.get("retry_after_s", 0))


class Unavailable(Refused):
    """A part of the server cannot answer just now, and nothing was changed."""

    status = 503


_FAMILIES: dict[int, type[Refused]] = {
    family.status: family for family in (Invalid, SignInNeeded, Denied, NotFound, Conflict, TooMany, Unavailable)
}


def refusal(status: int, code: str, detail: str, params: dict[str, Any] | None = None) -> Refused:
    """The refusal in its family; one of no family is a plain ``Refused``."""
    return _FAMILIES.get(status, Refused)(code, detail, params)
