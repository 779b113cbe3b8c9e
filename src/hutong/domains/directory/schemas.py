"""What travels: drafts in, views out."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hutong.domains.openplatform import Scope

from .categories import Category
from .models import VersionState

__all__ = [
    "AccountView",
    "CategoryView",
    "GrantDayView",
    "GrantView",
    "KeptOfferView",
    "ListingCard",
    "ListingView",
    "OfferView",
    "PastVersion",
    "RatingDraft",
    "RatingView",
    "ReplyDraft",
    "StandingView",
    "VersionPatch",
    "VersionView",
]

Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]
Picture = Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}$", description="A picture that I sent.")]
Stars = Annotated[int, Meta(ge=1, le=5)]


class VersionPatch(msgspec.Struct, kw_only=True):
    """What changes of a version; what is left out stays as it is."""

    name: Annotated[str, Meta(max_length=1_000, description="Up to 40 characters.")] | UnsetType = UNSET
    tagline: Annotated[str, Meta(max_length=1_000, description="Up to 60 characters.")] | UnsetType = UNSET
    about: Annotated[str, Meta(max_length=10_000, description="Up to 2,000 characters.")] | UnsetType = UNSET
    category: Category | UnsetType | None = UNSET
    icon: Picture | UnsetType | None = UNSET
    screenshots: Annotated[list[Picture], Meta(max_length=50, description="Up to 8.")] | UnsetType = UNSET
    scopes: Annotated[list[Scope], Meta(max_length=20)] | UnsetType = UNSET
    mini_app: (
        Annotated[str, Meta(max_length=500, description="https, or where the app's own pages lie here.")]
        | UnsetType
        | None
    ) = UNSET
    news: Annotated[str, Meta(max_length=10_000, description="What is new, up to 1,000 characters.")] | UnsetType = (
        UNSET
    )


class VersionView(msgspec.Struct, kw_only=True):
    """A version, as the app's owner sees it. ``reasons`` are those of the last time that it was rejected."""

    version: int
    state: VersionState
    live: bool
    name: str
    tagline: str
    about: str
    category: Category | None
    icon: str | None
    screenshots: list[str]
    scopes: list[Scope]
    mini_app: str | None
    news: str
    reasons: str
    made_at: Moment
    submitted_at: Moment | None
    decided_at: Moment | None


class AccountView(msgspec.Struct, kw_only=True):
    """An account, in few words: a developer's or a bot's."""

    number: int
    nickname: str
    avatar: str | None


class ListingCard(msgspec.Struct, kw_only=True):
    """An app in the directory. ``groups`` have one of its bots; ``stars`` is the average of ``ratings``."""

    app: int
    name: str
    tagline: str
    category: Category
    icon: str | None
    stars: float | None
    ratings: int
    groups: int
    version: int
    live_since: Moment


class PastVersion(msgspec.Struct, kw_only=True):
    """A version that was live, and when it last went live."""

    version: int
    news: str
    live_at: Moment


class RatingDraft(msgspec.Struct, kw_only=True):
    """What somebody thinks of an app."""

    stars: Stars
    text: Annotated[str, Meta(max_length=10_000, description="Up to 500 characters.")] = ""


class RatingView(msgspec.Struct, kw_only=True):
    """What somebody thinks of an app, and what its developer says to that."""

    number: int
    nickname: str
    avatar: str | None
    stars: Stars
    text: str
    at: Moment
    reply: str | None
    reply_at: Moment | None


class ReplyDraft(msgspec.Struct, kw_only=True):
    """What the developer says to a rating."""

    text: Annotated[str, Meta(min_length=1, max_length=10_000, description="Up to 500 characters.")]


class ListingView(ListingCard, kw_only=True):
    """All of an app in the directory. ``spread`` is how many have given one star, two … five."""

    about: str
    news: str
    scopes: list[Scope]
    screenshots: list[str]
    developer: AccountView
    bots: list[AccountView]
    mini_app: bool
    spread: list[int]
    may_rate: bool
    my_rating: RatingView | None
    versions: list[PastVersion]


class CategoryView(msgspec.Struct, kw_only=True):
    """How many apps there are of a kind."""

    category: Category
    apps: int


class StandingView(msgspec.Struct, kw_only=True):
    """How an app stands in the directory, for its owner."""

    listed: bool
    version: int | None
    groups: int
    stars: float | None
    ratings: int


class GrantDayView(msgspec.Struct, kw_only=True):
    """What came of a grant on one day (UTC)."""

    day: Annotated[str, Meta(examples=["2026-11-28"], extra_json_schema={"format": "date"})]
    showings: int
    opened: int
    installed: int


class GrantView(msgspec.Struct, kw_only=True):
    """A traffic grant and what came of it: ``showings`` counts each group once a day, ``opened`` the groups in which
    somebody looked, ``installed`` those that let the app in. ``ends_at`` is when it has ended, or is to end. Without
    ``kinds`` it is for groups of all kinds."""

    grant: int
    begun_at: Moment
    ends_at: Moment
    ended: bool
    showings_max: int
    showings: int
    opened: int
    installed: int
    kinds: list[str]
    members_min: int
    days: list[GrantDayView]


class OfferView(msgspec.Struct, kw_only=True):
    """An app that a group is offered."""

    grant: int
    listing: ListingCard


class KeptOfferView(msgspec.Struct, kw_only=True):
    """An app that a group of mine is offered."""

    grant: int
    chat: int
    group_name: str
    listing: ListingCard
