"""How a webhook proves that it is ours: HMAC-SHA256 over the moment and the body, with the outlet's secret."""

import hashlib
import hmac

__all__ = ["signature_of"]


def signature_of(secret: str, timestamp: int, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256, in hexadecimal, of ``<timestamp>.<body>``; the timestamp in Unix seconds."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
