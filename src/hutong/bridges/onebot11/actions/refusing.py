"""What the standard knows and a hutong has not: it is refused with a sentence, so that a bot's owner knows why."""

from typing import NoReturn

from ..answers import REFUSED, ActionFailed

__all__ = ["REFUSED_HERE", "refuse"]

REFUSED_HERE = {
    "send_like": "there are no likes of people here",
    "set_group_anonymous": "nobody speaks anonymously here",
    "set_group_anonymous_ban": "nobody speaks anonymously here",
    "set_group_admin": "only a group's owner makes admins, and no bot owns one",
    "set_group_special_title": "members have no titles here",
    "set_friend_add_request": "nobody has to be a friend here to write to somebody",
    "get_group_honor_info": "groups give no honours here",
    "get_cookies": "there are no cookies for bots",
    "get_csrf_token": "there are no cookies for bots",
    "get_credentials": "there are no cookies for bots",
    "group_poke": "nobody pokes anybody here",
    "friend_poke": "nobody pokes anybody here",
    "send_poke": "nobody pokes anybody here",
}


def refuse(name: str) -> NoReturn:
    """Raises ``ActionFailed`` with the sentence."""
    raise ActionFailed(REFUSED, "not_here", REFUSED_HERE[name])
