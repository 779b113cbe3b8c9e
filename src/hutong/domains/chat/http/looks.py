"""How often somebody may look where a link leads, so that codes cannot be tried out one after the other."""

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Caller
from hutong.kit.clock import Clock
from hutong.settings import Limits

__all__ = ["spend_a_look", "spend_a_look_from"]

_MINUTE_S = 60


async def spend_a_look(database: Database, limits: Limits, number: int, clock: Clock) -> None:
    """Counts a look of an account. Raises ``TooMany``."""
    by_account = Allowance("chat.invitation", limits.invitations_seen_per_minute_max, _MINUTE_S)
    await spend(database, by_account, str(number), clock=clock)


async def spend_a_look_from(database: Database, limits: Limits, caller: Caller, clock: Clock) -> None:
    """Counts a look of somebody who need not be signed in, for the network that it comes from. This machine is no
    network. Raises ``TooMany``."""
    if not caller.is_this_machine:
        by_network = Allowance("chat.invitation_network", limits.invitations_seen_per_network_minute_max, _MINUTE_S)
        await spend(database, by_network, caller.network, clock=clock)
