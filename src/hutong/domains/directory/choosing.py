"""Which apps a group is offered: those of the grants that fit it, and of those the ones that are furthest behind."""

from collections.abc import Collection, Iterable
from fractions import Fraction

import msgspec

__all__ = ["Chosen", "Met", "Place", "Running", "chosen"]


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A grant that runs. Without ``kinds`` groups of all kinds fit."""

    grant: int
    app: int
    kinds: tuple[str, ...]
    members_min: int
    showings: int
    showings_max: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A group, and which apps have a bot there."""

    chat: int
    kind: str
    members: int
    apps: frozenset[int] = frozenset()


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """That a group has met a grant before: whether it was shown there today, and whether it wants no more of it."""

    shown_today: bool
    dismissed: bool


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A grant for a group; ``is_new`` where it was not shown there yet today, so that it counts."""

    grant: Running
    chat: int
    is_new: bool


def chosen(
    grants: Collection[Running], places: Collection[Place], met: dict[tuple[int, int], Met], *, count_max: int
) -> list[Chosen]:
    """At most ``count_max`` grants, each for one group: that where it was shown today already, else the first that it
    fits. ``met`` is by ``(chat, grant)``. A grant that is used up is shown where it was shown today, until it ends."""
    found = []
    for grant in sorted(grants, key=_how_far):
        pairs = [(place, met.get((place.chat, grant.grant))) for place in places if _fits(grant, place)]
        wanted = [(place, known) for place, known in pairs if known is None or not known.dismissed]
        again = _first(place.chat for place, known in wanted if known is not None and known.shown_today)
        fresh = _first(place.chat for place, _ in wanted) if grant.showings < grant.showings_max else None
        chat = again if again is not None else fresh
        if chat is not None:
            found.append(Chosen(grant=grant, chat=chat, is_new=again is None))
    return found[:count_max]


def _how_far(grant: Running) -> tuple[Fraction, int]:
    return Fraction(grant.showings, grant.showings_max), grant.grant


def _fits(grant: Running, place: Place) -> bool:
    return (
        (not grant.kinds or place.kind in grant.kinds)
        and place.members >= grant.members_min
        and grant.app not in place.apps
    )


def _first(chats: Iterable[int]) -> int | None:
    return next(iter(chats), None)
