"""The opaque names that a bot of this protocol knows things by.

Nothing is kept of them: each is what it names, encrypted with a key of the app's, so that it can be read again here, is
the same every time, and tells no other app anything. Accounts and conversations have the 32 digits of
``hutong.domains.openplatform``'s openids; what needs more than one number is encrypted with AES-SIV, which also notices
when something was changed.
"""

import base64
import binascii
import hashlib
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hutong.domains.openplatform import seal, unseal

__all__ = ["Seals"]

_MESSAGE = "ROBOT1.0_"
_REFERENCE = "REFIDX_"
_PLACE = struct.Struct(">QQ")
_TEXT_CHARS_MAX = 8_192


class Seals:
    """The names that the bots of one app use, made with its secret. What cannot be read is None, never an error."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._siv = AESSIV(hashlib.sha512(b"qqbot:" + secret).digest())

    def account(self, number: int) -> str:
        return seal(self._secret, "account", number)

    def account_of(self, openid: str) -> int | None:
        return unseal(self._secret, "account", openid)

    def chat(self, chat: int) -> str:
        return seal(self._secret, "chat", chat)

    def chat_of(self, openid: str) -> int | None:
        return unseal(self._secret, "chat", openid)

    def message(self, chat: int, seq: int) -> str:
        return f"{_MESSAGE}{self.text('message', _PLACE.pack(chat, seq))}!"

    def reference(self, chat: int, seq: int) -> str:
        """The other name of a message, by which clients quote it."""
        return _REFERENCE + self.text("message", _PLACE.pack(chat, seq))

    def message_of(self, name: str) -> tuple[int, int] | None:
        """The chat and the seq of a message, by either of its names."""
        return self._place("message", name.removeprefix(_MESSAGE).removeprefix(_REFERENCE).removesuffix("!"))

    def dispatch(self, name: str, chat: int, number: int) -> str:
        """The id of a dispatch about something in a chat, made of the bot's event of this number."""
        return f"{name}:{self.text('dispatch', _PLACE.pack(chat, number))}"

    def dispatch_of(self, name: str) -> tuple[str, int, int] | None:
        """What it is about, the chat, and the number of the event."""
        kind, _, rest = name.partition(":")
        place = self._place("dispatch", rest)
        return None if place is None else (kind, *place)

    def text(self, kind: str, content: bytes) -> str:
        """Any content under a name that only says the same for the same ``kind``."""
        return base64.urlsafe_b64encode(self._siv.encrypt(content, [kind.encode()])).decode().rstrip("=")

    def text_of(self, kind: str, name: str) -> bytes | None:
        if len(name) > _TEXT_CHARS_MAX:
            return None
        try:
            raw = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
            return self._siv.decrypt(raw, [kind.encode()])
        except (InvalidTag, binascii.Error, ValueError):
            return None

    def _place(self, kind: str, name: str) -> tuple[int, int] | None:
        content = self.text_of(kind, name)
        if content is None or len(content) != _PLACE.size:
            return None
        first, second = _PLACE.unpack(content)
        return first, second
