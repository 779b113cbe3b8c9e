"""A fact is something that has happened, told to whoever listens further up the house."""

import msgspec

__all__ = ["Fact"]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every fact: named in the past tense, closed fields, JSON by msgspec.

    A fact's topic is ``<domain>.<ClassName>``. It is written to the outbox in the transaction that made it true.
    """
