"""What identity announces."""

from hutong.kit.facts import Fact

__all__ = ["AccountSignedUp"]


class AccountSignedUp(Fact, frozen=True, kw_only=True):
    """A person has made an account. ``state`` is ``active``, or ``waiting`` until an operator approves.

    Audience: the operator.
    """

    number: int
    nickname: str
    state: str
