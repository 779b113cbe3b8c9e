"""Opaque ids: what an app knows of an account or a conversation where it shall not know the number.

The number is enciphered with a key of the app's own, so an id is always the same for one app, is another one for every
other app, and is read back without a table. What was not made here is told by the half of the block that holds no
number.
"""

import hashlib
from typing import Literal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

__all__ = ["IdKind", "seal", "unseal"]

IdKind = Literal["account", "chat", "message", "upload"]

_TAG_BYTES = 8
_NUMBER_BYTES = 8


def seal(secret: bytes, kind: IdKind, number: int) -> str:
    """The opaque id of a number of this kind: 32 hexadecimal digits in capitals."""
    block = _tag(secret, kind) + number.to_bytes(_NUMBER_BYTES, "big")
    encryptor = _cipher(secret).encryptor()
    return (encryptor.update(block) + encryptor.finalize()).hex().upper()


def unseal(secret: bytes, kind: IdKind, opaque: str) -> int | None:
    """The number behind an id that ``seal`` made for the same app and kind; None for anything else."""
    try:
        block = bytes.fromhex(opaque)
    except ValueError:
        return None
    if len(block) != _TAG_BYTES + _NUMBER_BYTES:
        return None
    decryptor = _cipher(secret).decryptor()
    plain = decryptor.update(block) + decryptor.finalize()
    if plain[:_TAG_BYTES] != _tag(secret, kind):
        return None
    return int.from_bytes(plain[_TAG_BYTES:], "big")


def _tag(secret: bytes, kind: IdKind) -> bytes:
    return hashlib.blake2b(kind.encode(), key=secret, digest_size=_TAG_BYTES, person=b"hutong.tag").digest()


def _cipher(secret: bytes) -> Cipher[modes.ECB]:
    # One block that never repeats: what ECB gives away, that equal blocks look equal, is what an id is for.
    key = hashlib.blake2b(b"", key=secret, digest_size=32, person=b"hutong.openids").digest()
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # One block, see above.
