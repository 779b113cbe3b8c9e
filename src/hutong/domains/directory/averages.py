"""How stars are counted. A *spread* tells how many have given one star, two … five; everything else follows from it."""

from collections.abc import Sequence

__all__ = ["NO_STARS", "average", "moved", "score"]

NO_STARS = (0, 0, 0, 0, 0)

_USUAL_STARS = 3
_USUAL_WEIGHT = 5


def average(spread: Sequence[int]) -> float | None:
    """Of all who have rated, to two places; None where nobody has."""
    count = sum(spread)
    return round(_sum(spread) / count, 2) if count else None


def score(spread: Sequence[int]) -> int:
    """What apps are ordered by, in thousandths of a star: the average as if five more had given three stars (a Bayesian
    average), so that one friend with five stars does not lift an app above one that hundreds like."""
    return round(1_000 * (_sum(spread) + _USUAL_STARS * _USUAL_WEIGHT) / (sum(spread) + _USUAL_WEIGHT))


def moved(spread: Sequence[int], *, old: int | None, new: int | None) -> list[int]:
    """The spread after somebody has given ``new`` stars in the place of ``old``; None is no rating."""
    counts = list(spread)
    if old is not None:
        counts[old - 1] -= 1
    if new is not None:
        counts[new - 1] += 1
    return counts


def _sum(spread: Sequence[int]) -> int:
    return sum(stars * count for stars, count in enumerate(spread, start=1))
