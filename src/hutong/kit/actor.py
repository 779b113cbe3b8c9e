"""Who acts."""

from dataclasses import dataclass

__all__ = ["Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in account, on one device. A bot (``is_bot``) may do what its scopes say, and else nothing.

    ``session_id`` names the device's session; it is 0 where an account acts without one (a job, an import, a test).
    """

    number: int
    nickname: str
    session_id: int = 0
    avatar: str | None = None
    by_cookie: bool = False
    is_bot: bool = False
