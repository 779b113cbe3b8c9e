"""Signatures of the webhook mode: Ed25519, with a key that both sides make from the secret.

The seed is the secret, repeated until it has 32 bytes and cut there; so whoever has the seed alone signs as with the
whole of it. A dispatch is signed as timestamp and body, the answer to a validation as timestamp and token.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["public_key", "seed_of", "sign", "signed_by"]

_SEED_BYTES = 32


def seed_of(secret: str) -> str:
    """What of a secret signing needs: with it the same is signed, and it is no token any more. Raises ``ValueError``
    for one of no characters, or of others than ASCII."""
    if not secret or not secret.isascii():
        raise ValueError("a secret has at least one character, and they are of ASCII")
    return (secret * _SEED_BYTES)[:_SEED_BYTES]


def public_key(secret: str) -> bytes:
    """The 32 bytes by which the other side knows the key of a secret."""
    return _key_from(secret).public_key().public_bytes_raw()


def sign(secret: str, timestamp: str, content: bytes) -> str:
    """The signature of what is sent at a time (seconds, in digits), as 128 hexadecimal digits."""
    return _key_from(secret).sign(timestamp.encode() + content).hex()


def signed_by(secret: str, timestamp: str, content: bytes, signature: str) -> bool:
    """Whether it was whoever knows the secret that signed this."""
    try:
        _key_from(secret).public_key().verify(bytes.fromhex(signature), timestamp.encode() + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key_from(secret: str) -> Ed25519PrivateKey:
    """Raises ``ValueError`` for a secret of no characters, from which no key can be made."""
    raw = secret.encode()
    if not raw:
        raise ValueError("a secret has at least one character")
    return Ed25519PrivateKey.from_private_bytes((raw * _SEED_BYTES)[:_SEED_BYTES])
