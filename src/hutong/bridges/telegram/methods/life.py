"""Methods about the bot itself, and how its updates reach it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from hutong.domains.openplatform import last_events_of

from ..calls import Call
from ..mailbox import confirm, get_mailbox, send_to, want
from ..polling import end_polls, get_updates
from ..refusals import bad_request

__all__ = ["METHODS"]

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


async def get_me(call: Call) -> dict[str, Any]:
    view = await call.desk.me(call.actor)
    reads_all = any("read_all" in install.scopes for install in view.installs)
    return call.bot.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": reads_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


async def get_my_name(call: Call) -> dict[str, str]:
    return {"name": str(call.bot.me["first_name"])}


async def close(call: Call) -> bool:
    """Whoever waits for updates waits no longer; the token stays good."""
    end_polls(call.desk, call.actor)
    return True


async def set_webhook(call: Call) -> bool:
    """Whoever waits for updates is told that they are sent from here on. A certificate is not needed: an address with
    ``http://`` will do, as far as whoever runs the site lets us ask there."""
    url, secret = call.parameters.text("url"), call.parameters.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    await _forget_pending(call)
    kinds = call.parameters.items("allowed_updates", "allowed updates")
    if kinds is not None:
        await want(call.desk, call.bot.number, kinds)
    await send_to(call.desk, call.bot.number, url, secret)
    end_polls(call.desk, call.actor)
    return True


async def delete_webhook(call: Call) -> bool:
    await _forget_pending(call)
    if (await get_mailbox(call.desk, call.bot.number)).url:
        await send_to(call.desk, call.bot.number, "", "")
    return True


async def _forget_pending(call: Call) -> None:
    if call.parameters.flag("drop_pending_updates"):
        await confirm(call.desk, call.bot.number, await _newest(call))


async def _newest(call: Call) -> int:
    async with call.desk.database.transaction() as session:
        return (await last_events_of(session, [call.bot.number])).get(call.bot.number, 0)


async def get_webhook_info(call: Call) -> dict[str, Any]:
    mailbox = await get_mailbox(call.desk, call.bot.number)
    info: dict[str, Any] = {
        "url": mailbox.url,
        "has_custom_certificate": False,
        "pending_update_count": max(0, await _newest(call) - mailbox.position),
        "allowed_updates": sorted(mailbox.kinds),
    }
    if mailbox.error and mailbox.failing_since is not None:
        info |= {"last_error_date": int(mailbox.failing_since.timestamp()), "last_error_message": mailbox.error}
    return info


METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "getMe": get_me,
    "getMyName": get_my_name,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": close,
    "close": close,
}
