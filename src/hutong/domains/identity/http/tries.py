"""How often somebody may try to get in."""

import hashlib

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Caller
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Settings

__all__ = ["spend_password_try", "spend_sign_in"]

_MINUTE_S = 60


async def spend_sign_in(
    database: Database, settings: Settings, clock: Clock, caller: Caller, *, login: str = ""
) -> None:
    """Counts an attempt to sign in, for the network it comes from and for the login that it names. This machine is no
    network: whoever sits at it needs no guessing. Raises ``TooMany``."""
    limits = settings.limits
    if not caller.is_this_machine:
        by_network = Allowance("identity.sign_in_network", limits.sign_in_per_network_minute_max, _MINUTE_S)
        await spend(database, by_network, caller.network, clock=clock)
    if login:
        by_login = Allowance("identity.sign_in_login", limits.sign_in_per_login_minute_max, _MINUTE_S)
        named = hashlib.sha256(login.strip().lower().encode()).hexdigest()
        await spend(database, by_login, named, clock=clock)


async def spend_password_try(database: Database, settings: Settings, clock: Clock, actor: Actor) -> None:
    """Counts an attempt to say the password of an account that is signed in. Raises ``TooMany``."""
    tries = Allowance("identity.password", settings.limits.sign_in_per_login_minute_max, _MINUTE_S)
    await spend(database, tries, str(actor.number), clock=clock)
