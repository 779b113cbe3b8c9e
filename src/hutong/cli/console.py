"""What the command line says, and how it reads its settings."""

import contextlib
import os
import sys
from pathlib import Path

from hutong.kit.errors import Invalid
from hutong.settings import Settings, read_settings

__all__ = ["BadSettings", "complain", "say", "settings_from"]


class BadSettings(Invalid):
    """A variable of the environment or an option cannot be used."""

    code = "cli.bad_settings"
    text = "{reason}"


def say(sentence: str) -> None:
    """Tells the person at the console what is being done, at once. Whoever has closed the terminal misses it."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)


def complain(sentence: str) -> None:
    print(f"hutong: {sentence}", file=sys.stderr, flush=True)


def settings_from(data: Path | None, **options: object) -> Settings:
    """The settings of the environment, where the options given are not None overridden by them.

    Raises ``BadSettings``."""
    try:
        return read_settings(os.environ, data=data, **options)
    except ValueError as error:
        raise BadSettings(reason=str(error)) from error
