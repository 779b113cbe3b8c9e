"""Secrets and names that nobody can guess."""

import hashlib
import secrets

__all__ = ["hash_token", "new_code", "new_token"]

_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_token() -> str:
    """A fresh bearer token: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored of a token: 32 bytes. A token has too much entropy to need a slow hash."""
    return hashlib.sha256(token.encode()).digest()


def new_code(length: int = 10) -> str:
    """A code that a person may have to type: no letters that look alike."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(length))
