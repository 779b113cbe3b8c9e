"""What kinds of apps there are: the one place that knows their keys."""

from typing import Literal, get_args

__all__ = ["CATEGORIES", "Category"]

Category = Literal[
    "moderation", "games", "music", "study", "sports", "news", "shopping", "tools", "social", "life", "other"
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
"""In the order in which clients show them."""
