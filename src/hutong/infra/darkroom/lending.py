"""What a process of the darkroom may touch where root runs hutong: one file and one folder, lent to it for an order.

Root's rights are all that somebody with a hole in a decoder could wish for. So each process becomes a user of its own,
by a number that nobody has: it reaches neither what is the server's or the engines', nor the other processes of the
darkroom. Where hutong runs as an ordinary user there is nothing to give up, and nothing is lent.
"""

import os
import pwd
import secrets
import stat
from pathlib import Path

from .report import VERSIONS, Order

__all__ = ["lend", "stranger", "take_back"]

_NUMBERS = range(61_184, 65_520)
"""What systemd keeps for users that come and go: no system gives these numbers to people or programs."""


def stranger() -> int | None:
    """The number of a user and of a group that are nobody's, for one process; None where root does not run hutong."""
    if os.geteuid() != 0:
        return None
    while True:
        number = secrets.choice(_NUMBERS)
        try:
            pwd.getpwuid(number)
        except KeyError:
            return number


def lend(order: Order, number: int) -> None:
    """Makes the order's file and folder this user's, who may pass through the folder that they lie in. That one stays
    root's, so that neither can be put in another's place."""
    Path(order.path).parent.chmod(0o711)
    for path, mode in ((order.path, 0o600), (order.folder, 0o700)):
        os.chown(path, number, number)
        os.chmod(path, mode)


def take_back(order: Order, number: int) -> bool:
    """Takes the folder back, and says whether what lies in it may be read by root: it must be a file of this user's,
    and no link that leads to somebody else's."""
    os.chown(order.folder, os.geteuid(), os.getegid())
    os.chmod(order.folder, 0o700)
    found = [os.lstat(path) for path in map(Path(order.folder).joinpath, VERSIONS) if os.path.lexists(path)]
    return all(stat.S_ISREG(each.st_mode) and each.st_uid == number for each in found)
