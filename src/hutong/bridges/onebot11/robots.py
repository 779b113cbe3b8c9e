"""Bots that we go to: who they are is known from the outlet, not from a token."""

import time

from hutong.bridges.desk import Desk
from hutong.bridges.files import links_for
from hutong.domains.openplatform import view_me
from hutong.kit.actor import Actor

from .hearing import Form
from .robot import Robot

__all__ = ["Robots", "form_in", "own_origin"]

_KEPT_S = 60.0
_KEPT_MAX = 10_000
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # It is recognised here, not chosen.


def form_in(word: object) -> Form:
    """How messages are to be written."""
    return "string" if word == "string" else "array"


def own_origin(desk: Desk) -> str:
    """Where a bot that we go to reaches us."""
    settings = desk.settings
    if settings.public_url:
        return settings.public_url
    host = "127.0.0.1" if settings.host in _EVERYWHERE else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


class Robots:
    """By number and form; what is known of a bot may be a minute old."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[tuple[int, Form], tuple[float, Robot]] = {}

    async def robot(self, number: int, form: Form) -> Robot:
        """Raises ``NoSuchBot``."""
        now = time.monotonic()
        known = self._known.get((number, form))
        if known is not None and known[0] > now:
            return known[1]
        links = await links_for(self._desk, number, own_origin(self._desk))
        async with self._desk.database.transaction() as session:
            nickname = (await view_me(session, number)).nickname
        robot = Robot(self._desk, Actor(number, nickname, is_bot=True), links, form)
        if len(self._known) >= _KEPT_MAX:
            self._known.clear()
        self._known[number, form] = (now + _KEPT_S, robot)
        return robot
