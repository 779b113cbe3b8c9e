"""How large a group counts as where large ones are shown first."""

__all__ = ["size_of"]


def size_of(members: int) -> int:
    """One more with every doubling, so that it changes seldom."""
    return members.bit_length()
