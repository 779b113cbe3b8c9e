"""Errors are sentences in six families.

A domain declares its errors as classes under one of the six, each with a stable ``code`` and a ``text`` whose
``{names}`` are filled from the keywords given. ``detail`` is safe to show to the person; ``log`` is for the operator.
"""

from typing import ClassVar

__all__ = ["Conflict", "Denied", "HutongError", "Invalid", "NotFound", "TooMany", "Unavailable"]


class HutongError(Exception):
    """What went wrong, as a sentence for people, with a code that programs may rely on."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "hutong.error"
    text: ClassVar[str] = "Something went wrong."

    def __init__(self, *, log: str = "", **params: str | int) -> None:
        self.params = params
        self.log = log
        super().__init__(self.text.format(**params))

    @property
    def detail(self) -> str:
        return str(self)


class NotFound(HutongError):
    """It does not exist, or the person may not know that it does."""

    status = 404
    code = "hutong.not_found"
    text = "There is nothing here that you can see."


class Denied(HutongError):
    """The person is known, and may not do this."""

    status = 403
    code = "hutong.denied"
    text = "You may not do this."


class Conflict(HutongError):
    """What is there already stands in the way."""

    status = 409
    code = "hutong.conflict"
    text = "This is not possible as things stand."


class Invalid(HutongError):
    """What was sent cannot be understood or is outside the limits."""

    status = 400
    code = "hutong.invalid"
    text = "This could not be understood: {reason}"


class TooMany(HutongError):
    """A rate or a quota is used up; ``retry_after_s`` says when it is worth trying again."""

    status = 429
    code = "hutong.too_many"
    text = "That was too often. Try again in {retry_after_s} seconds."


class Unavailable(HutongError):
    """A part of hutong cannot answer just now; nothing was changed."""

    status = 503
    code = "hutong.unavailable"
    text = "This is not available just now. Nothing was changed; try again in a moment."
