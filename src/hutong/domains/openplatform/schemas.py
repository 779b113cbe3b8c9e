"""What travels: drafts in, views out."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from .known import SignInScope
from .models import AppState, DeliveryState, OutletKind, OutletState
from .scopes import Scope

__all__ = [
    "AnswerDraft",
    "AppCard",
    "AppDraft",
    "AppPatch",
    "AppView",
    "BotCard",
    "BotDraft",
    "BotPatch",
    "BotView",
    "ClientDraft",
    "ClientView",
    "CommandDraft",
    "CommandView",
    "ConsentAnswer",
    "ConsentView",
    "DeliveryView",
    "EventsView",
    "GrantDraft",
    "GrantedView",
    "GroupChoice",
    "InstallView",
    "LaunchDraft",
    "LaunchKeyView",
    "LaunchView",
    "MyBotView",
    "OutletDraft",
    "OutletPatch",
    "OutletView",
    "PermissionsDraft",
    "PressDraft",
    "PressView",
    "QuotaView",
    "ReplayDraft",
    "ResendDraft",
    "SecretView",
    "SignInAppView",
    "TesterView",
    "TokenDraft",
    "TokenView",
    "WayBack",
]

Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]
NumberField = Annotated[int, Meta(ge=1, le=2**53 - 1, description="The bot's account number.")]
Scopes = Annotated[list[Scope], Meta(max_length=20)]
AppName = Annotated[str, Meta(max_length=1_000, description="Up to 40 characters.", examples=["Library card"])]
MiniUrl = Annotated[
    str,
    Meta(max_length=500, description="Begins with `https://`; null for none.", examples=["https://shelf.example.org/"]),
]
About = Annotated[str, Meta(max_length=10_000, description="Up to 1,000 characters.")]


class AppDraft(msgspec.Struct, kw_only=True):
    """A program that wants in. ``scopes`` are what it will ask the owners of groups for."""

    name: AppName
    about: About = ""
    scopes: Scopes = []


class AppPatch(msgspec.Struct, kw_only=True):
    """What changes of an app. Other scopes change nothing where it is installed already."""

    name: AppName | UnsetType = UNSET
    about: About | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    mini_app: MiniUrl | UnsetType | None = UNSET


class BotDraft(msgspec.Struct, kw_only=True):
    """A bot that an app is to have."""

    nickname: Annotated[str, Meta(min_length=1, max_length=1_000, description="Up to 40 characters.")]
    handle: Annotated[str, Meta(max_length=100, examples=["library-card"])] | None = None


class BotPatch(msgspec.Struct, kw_only=True):
    """What changes of a bot; what is left out stays as it is. ``avatar`` goes away with null."""

    nickname: Annotated[str, Meta(min_length=1, max_length=1_000, description="Up to 40 characters.")] | UnsetType = (
        UNSET
    )
    handle: Annotated[str, Meta(max_length=100, examples=["library-card"])] | UnsetType = UNSET
    avatar: (
        Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}$", description="A picture that I sent.")] | UnsetType | None
    ) = UNSET


class BotView(msgspec.Struct, kw_only=True):
    """A bot as the owner of its app sees it."""

    number: NumberField
    nickname: str
    avatar: str | None
    groups: int


class AppView(msgspec.Struct, kw_only=True):
    """An app as its owner sees it."""

    app: int
    name: str
    about: str
    scopes: list[Scope]
    state: AppState
    made_at: Moment
    bots: list[BotView]
    mini_app: str | None
    published: Annotated[bool, Meta(description="Looked at for the directory: it changes by versions alone.")]


class AppCard(msgspec.Struct, frozen=True, kw_only=True):
    """An app as the domains above may know it. ``mini_url`` is empty where it has no mini app."""

    app: int
    owner: int
    state: AppState
    name: str
    about: str
    scopes: list[Scope]
    mini_url: str
    bots: list[BotView]


class TokenDraft(msgspec.Struct, kw_only=True):
    """``rotate`` revokes the tokens that the bot has had so far."""

    note: Annotated[str, Meta(max_length=100, description="Where it is going to be used.")] = ""
    rotate: bool = False


class TokenView(msgspec.Struct, kw_only=True):
    """A token, told once; only its hash is kept."""

    token: str


class QuotaView(msgspec.Struct, kw_only=True):
    """How often a method was called today, and how often it may be."""

    method: str
    used: int
    count_max: int


class BotCard(msgspec.Struct, kw_only=True):
    """A bot as anybody may see it, to decide whether to let it in."""

    number: NumberField
    nickname: str
    avatar: str | None
    app: int
    app_name: str
    about: str
    scopes: list[Scope]
    reviewed: bool
    mini_app: bool


class GrantDraft(msgspec.Struct, kw_only=True):
    """What the bot may do in the group."""

    scopes: Scopes


class InstallView(msgspec.Struct, kw_only=True):
    """A bot in a group. ``granted_by`` is who let it in."""

    chat: int
    number: NumberField
    nickname: str
    avatar: str | None
    app: int
    app_name: str
    scopes: list[Scope]
    granted_by: int
    granted_at: Moment
    mini_app: bool


class GroupChoice(msgspec.Struct, kw_only=True):
    """A group of mine that a bot may be let into, or is in already."""

    chat: int
    name: str
    avatar: str | None
    members: int
    installed: bool


class MyBotView(msgspec.Struct, kw_only=True):
    """What a bot may know of itself: who it is, how many events there are, and where it is installed."""

    number: NumberField
    nickname: str
    app: int
    last_event: int
    installs: list[InstallView]


class EventsView(msgspec.Struct, kw_only=True):
    """Events in rising number. ``missed`` tells that some after the one asked for are not kept any more; ``last_event``
    is the newest that there is."""

    events: list[msgspec.Raw]
    last_event: int
    missed: bool


RedirectField = Annotated[str, Meta(max_length=1_000, examples=["https://library.example/signed-in"])]


class ClientDraft(msgspec.Struct, kw_only=True):
    """How people sign in with an app: whether it can keep a secret, and where they are sent back to, letter by
    letter."""

    public: bool = False
    redirects: Annotated[list[RedirectField], Meta(max_length=100)]


class ClientView(msgspec.Struct, kw_only=True):
    """An app as an OAuth client."""

    client_id: str
    public: bool
    redirects: list[str]
    secret_made_at: Moment | None
    issuer: Annotated[str, Meta(description="What OpenID Connect clients want to know.")]


class SecretView(msgspec.Struct, kw_only=True):
    """A client secret, told this once."""

    secret: str


class TesterView(msgspec.Struct, kw_only=True):
    """Somebody who may sign in with an app before it is reviewed."""

    number: int
    nickname: str
    avatar: str | None


class ConsentView(msgspec.Struct, kw_only=True):
    """What somebody should know before they sign in with an app. ``host`` is where they are sent back to; ``settled``
    says that they have agreed to all of this before; ``sign_in_since`` is when they must have signed in at the
    earliest, in milliseconds since 1970, where they have not."""

    app: int
    name: str
    about: str
    owner: TesterView
    reviewed: bool
    host: str
    scopes: list[SignInScope]
    settled: bool
    sign_in_since: int | None


class ConsentAnswer(msgspec.Struct, kw_only=True):
    """What somebody says to an app. ``query`` is the query with which it sent them here."""

    query: Annotated[str, Meta(max_length=4_000)]
    allow: bool


class WayBack(msgspec.Struct, kw_only=True):
    """Where the browser goes next."""

    to: str


class SignInAppView(msgspec.Struct, kw_only=True):
    """An app with which I have signed in somewhere."""

    app: int
    name: str
    about: str
    owner: TesterView
    reviewed: bool
    scopes: list[SignInScope]
    given_at: Moment
    used_at: Moment


class OutletDraft(msgspec.Struct, kw_only=True):
    """Where the events of a bot are to be sent to. Without a secret one is made."""

    kind: OutletKind = "webhook"
    url: Annotated[str, Meta(max_length=2_000, examples=["https://bot.example.org/hutong"])]
    secret: Annotated[str, Meta(max_length=200)] = ""
    options: dict[str, Any] = {}


class OutletPatch(msgspec.Struct, kw_only=True):
    """What changes of an outlet. An empty secret makes a new one."""

    url: Annotated[str, Meta(max_length=2_000)] | UnsetType = UNSET
    secret: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET
    state: OutletState | UnsetType = UNSET


class OutletView(msgspec.Struct, kw_only=True):
    """An outlet. ``position`` is the last event that was delivered, or given up; ``waiting`` how many there are after
    it; ``secret`` is told when it is new."""

    outlet: int
    kind: OutletKind
    url: str
    options: dict[str, Any]
    state: OutletState
    position: int
    waiting: int
    tries: int
    failing_since: Moment | None
    last_error: str
    made_at: Moment
    secret: str | None = None


class DeliveryView(msgspec.Struct, kw_only=True):
    """An event on its way through an outlet. ``status`` is what the other end answered; ``frame`` the event as it was
    sent, as long as it is kept."""

    delivery: int
    event: int
    state: DeliveryState
    status: int | None
    error: str
    took_ms: int
    tries: int
    at: Moment
    next_at: Moment | None
    frame: str | None


class ReplayDraft(msgspec.Struct, kw_only=True):
    """From which moment on."""

    since: Annotated[str, Meta(max_length=40, examples=["2026-11-23T05:48:40Z"])]


class ResendDraft(msgspec.Struct, kw_only=True):
    """Which event."""

    event: Annotated[int, Meta(ge=1, le=2**53 - 1)]


class LaunchDraft(msgspec.Struct, kw_only=True):
    """How a mini app is to begin: what stood in the link or the button that opens it. ``page`` is one of its pages,
    as the end of its address."""

    start: Annotated[str, Meta(max_length=64, pattern="^[0-9A-Za-z_-]*$")] = ""
    page: Annotated[str, Meta(max_length=300, examples=["book/7"])] = ""


class LaunchView(msgspec.Struct, kw_only=True):
    """What opens a mini app. ``url`` is the address with everything behind it, to be opened in a sandboxed frame;
    ``init_data`` is there where the app has a bot for which a token was made."""

    app: int
    name: str
    url: str
    launch: str
    init_data: str | None
    openid: str
    start: str
    permissions: list[str]


class PermissionsDraft(msgspec.Struct, kw_only=True):
    """What an app may know of the person: ``profile`` is nickname, picture and number."""

    permissions: Annotated[list[Literal["profile"]], Meta(max_length=10)]


class GrantedView(msgspec.Struct, kw_only=True):
    """What a person lets an app know."""

    app: int
    name: str
    permissions: list[str]
    granted_at: Moment


class LaunchKeyView(msgspec.Struct, kw_only=True):
    """The key under which launch data are signed, as text."""

    key: str


class PressDraft(msgspec.Struct, kw_only=True):
    """A button is named by its ``data``; with ``values`` it is the form that has this ``data``."""

    key: Annotated[str, Meta(min_length=1, max_length=64, description="The client's own name for this press.")]
    button: Annotated[str, Meta(min_length=1, max_length=200)]
    values: Annotated[dict[str, str | int | float], Meta(max_length=20)] | None = None


class PressView(msgspec.Struct, kw_only=True):
    """By this id the answer comes."""

    press: str


class AnswerDraft(msgspec.Struct, kw_only=True):
    """What whoever has pressed is told: in passing, or with ``alert`` so that they have to see it. ``code``: 0 it is
    done, 1 it went wrong, 2 too often, 3 it was done before, 4 not allowed, 5 for admins only."""

    text: Annotated[str, Meta(max_length=200)] = ""
    alert: bool = False
    code: Annotated[int, Meta(ge=0, le=5)] = 0


class CommandDraft(msgspec.Struct, kw_only=True):
    """``usage`` is what to write behind it, ``[topic]``."""

    name: Annotated[str, Meta(max_length=100, examples=["help"], description="Letters, digits and `_`, up to 32.")]
    about: Annotated[str, Meta(min_length=1, max_length=100)]
    usage: Annotated[str, Meta(max_length=100)] = ""


class CommandView(msgspec.Struct, kw_only=True):
    """A command of a bot in this conversation."""

    name: str
    about: str
    usage: str
    bot: NumberField
    bot_name: str
    handle: str | None
