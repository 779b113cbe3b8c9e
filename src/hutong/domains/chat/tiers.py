"""How large a group may be, and how many admins it then has."""

import msgspec

__all__ = ["TIERS", "Tier", "tier_of"]


class Tier(msgspec.Struct, frozen=True):
    """``capacity`` members at most, ``admins_max`` of them admins beside the owner."""

    capacity: int
    admins_max: int


TIERS = (Tier(200, 5), Tier(500, 10), Tier(1_000, 15), Tier(2_000, 20))


def tier_of(capacity: int) -> Tier | None:
    return next((tier for tier in TIERS if tier.capacity == capacity), None)
