"""What identity announces."""

from hutong.kit.facts import Fact

__all__ = ["AccountApproved", "AccountRefused", "AccountSignedUp"]


class AccountSignedUp(Fact, frozen=True, kw_only=True):
    """A person has made an account. ``state`` is ``active``, or ``waiting`` until an operator approves.

    Audience: the operator.
    """

    number: int
    nickname: str
    state: str


class AccountApproved(Fact, frozen=True, kw_only=True):
    """An operator has let somebody in.

    Audience: the account.
    """

    number: int


class AccountRefused(Fact, frozen=True, kw_only=True):
    """An operator has turned somebody away.

    Audience: the account.
    """

    number: int
