"""The process in which files of strangers are opened: little memory, nothing to inherit, ended when it takes too long.

It reads orders as lines of JSON, and answers each with one line, until its standard input ends.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

import msgspec
import pyvips

from .develop import develop
from .report import READY, Damaged, Developed, Order, Refusal, TooManyFrames, TooManyPixels

__all__ = ["main"]

_OPEN_FILES_MAX = 64
_SET_PARENT_DEATH_SIGNAL = 1
_SET_NO_NEW_PRIVILEGES = 38


def main() -> None:
    """``python -m hutong.infra.darkroom.child MEMORY_BYTES FILE_BYTES USER``."""
    limit_self(int(sys.argv[1]), int(sys.argv[2]))
    become(int(sys.argv[3]))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    decoder = msgspec.json.Decoder(Order)
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(answer(decoder.decode(line))) + b"\n")
        sys.stdout.buffer.flush()


def answer(order: Order) -> Developed | Refusal:
    try:
        return develop(order)
    except (Damaged, MemoryError):
        return Refusal("damaged")
    except TooManyPixels:
        return Refusal("too_many_pixels")
    except TooManyFrames:
        return Refusal("too_many_frames")


def limit_self(memory_bytes: int, file_bytes: int) -> None:
    """Less memory than the machine has, no file larger than one that may be sent and only a few of them, no core, and
    no loader of libvips that its authors do not trust."""
    os.umask(0o077)
    pyvips.cache_set_max(0)
    pyvips.block_untrusted_set(True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES_MAX, _OPEN_FILES_MAX))
    # macOS knows the limit and does not keep it.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def become(user: int) -> None:
    """Goes on as this user, for good, and not for longer than the server lives. Until here everything had to be read
    as whoever runs hutong, who may be the only one to reach its programs."""
    if user != os.geteuid():
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
        prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        # Last, because a change of the user takes it away again.
        prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
