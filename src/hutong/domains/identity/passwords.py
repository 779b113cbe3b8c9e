"""Passwords are hashed with argon2id, beside the event loop, by a few threads at most.

The cost is what OWASP asks for at least: 19 MiB, two passes, one lane; about 25 ms of one core. The threads work
outside the interpreter's lock. So many may wait; whoever comes after them is told to try again, because a flood of
sign-ins must not eat the memory of the conversations.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .errors import SignInBusy

__all__ = ["hash_password", "needs_rehash", "password_fits"]

P = ParamSpec("P")
R = TypeVar("R")

_WAITING_MAX = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="argon2")
_waiting = 0


@cache
def _hash_of_nothing() -> str:
    """A hash that no password fits: the work for a login that does not exist is the same as for one that does."""
    return _hasher.hash(os.urandom(32))


async def hash_password(password: str) -> str:
    """The password as it is stored. Raises ``SignInBusy`` when too many are waiting."""
    return await _beside_the_loop(_hasher.hash, password)


async def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; False, after the same work, where there is no hash.

    Raises ``SignInBusy`` when too many are waiting.
    """
    return await _beside_the_loop(_fits, password_hash, password)


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _fits(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _hash_of_nothing(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


async def _beside_the_loop(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    global _waiting
    if _waiting >= _WAITING_MAX:
        raise SignInBusy
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, partial(work, *args, **kwargs))
    finally:
        _waiting -= 1
