"""What can be a reaction: one emoji, written in one way."""

from functools import cache
from importlib.resources import files

from .errors import BadReaction

__all__ = ["check_emoji", "known_emoji"]

_VARIATION = "\ufe0f"


@cache
def known_emoji() -> dict[str, str]:
    """Every emoji by what is left of it without variation selectors: keyboards disagree about sending those."""
    _, _, listed = files(__package__).joinpath("emoji.txt").read_text("utf-8").partition("\n")
    return {emoji.replace(_VARIATION, ""): emoji for emoji in listed.split()}


def check_emoji(text: str) -> str:
    """The emoji as it is kept. Raises ``BadReaction`` for anything that is not exactly one emoji."""
    found = known_emoji().get(text.replace(_VARIATION, ""))
    if found is None:
        raise BadReaction
    return found
