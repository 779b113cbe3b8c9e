"""What the open platform announces."""

from hutong.kit.facts import Fact

__all__ = ["AppDropped", "BotInstalled", "BotUninstalled"]


class AppDropped(Fact, frozen=True):
    """An app was given up. Audience: whoever keeps something of it."""

    app: int


class BotInstalled(Fact, frozen=True):
    """A bot was let into a group, or has other scopes there now. Audience: its members, and the app's owner."""

    chat: int
    bot: int
    app: int
    scopes: list[str]
    by: int


class BotUninstalled(Fact, frozen=True):
    """A bot is in a group no more. Audience: its former fellow members, and the app's owner."""

    chat: int
    bot: int
    app: int
