"""A delivery is believed only with a fresh signature, and is acknowledged once it has been handled."""

import time
from typing import Any

import aiohttp
import msgspec
import pytest

from hutong_sdk import BadSignature
from hutong_sdk.webhooks import check, receiver, sign

from .conftest import answering

SECRET = "whsec"
BODY = b'{"event":17,"on":"message"}'


def signed(timestamp: int, secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
    return {"Hutong-Timestamp": str(timestamp), "Hutong-Signature": sign(secret, timestamp, body)}


def test_the_signature_is_hmac_sha256_over_the_time_a_dot_and_the_body() -> None:
    # Made with: printf '1700000000.{"event":17,"on":"message"}' | openssl dgst -sha256 -hmac whsec
    assert sign(SECRET, 1_700_000_000, BODY) == ("v1=2d0fca54cdbca03dff3056c3f157ebc26359c077bde4da3cebea8615f7a394a8")


@pytest.mark.parametrize("late_s", [-299, 0, 299])
def test_a_signed_delivery_is_believed(late_s: int) -> None:
    headers = {name.lower(): value for name, value in signed(1000).items()}
    assert check(SECRET, headers, BODY, now=1000 + late_s) == {"event": 17, "on": "message"}
    two = headers | {"hutong-signature": f"v1=00, {headers['hutong-signature']}"}
    assert check(SECRET, two, BODY, now=1000)["event"] == 17


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, BODY, 1000),
        (signed(1000, "another"), BODY, 1000),
        (signed(1000), BODY + b" ", 1000),
        (signed(1000) | {"Hutong-Timestamp": "1001"}, BODY, 1000),
        (signed(1000) | {"Hutong-Timestamp": "١٠٠٠"}, BODY, 1000),
        (signed(1000) | {"Hutong-Signature": "v1=é"}, BODY, 1000),
        (signed(1000), BODY, 1301),
        (signed(1000), BODY, 699),
    ],
)
def test_another_delivery_is_not(headers: dict[str, str], body: bytes, now: float) -> None:
    with pytest.raises(BadSignature):
        check(SECRET, headers, body, now=now)


async def test_the_receiver_answers_204_once_it_is_handled_and_401_to_strangers() -> None:
    heard: list[dict[str, Any]] = []

    async def hear(frame: dict[str, Any]) -> None:
        heard.append(frame)

    now = int(time.time())
    async with answering(receiver(SECRET, hear)) as url, aiohttp.ClientSession() as http:
        for headers, body, status in [
            (signed(now), BODY, 204),
            (signed(now, "another"), BODY, 401),
            (signed(now, body=b"?"), b"?", 400),
        ]:
            async with http.post(url, data=body, headers=headers) as answer:
                assert answer.status == status
    assert heard == [msgspec.json.decode(BODY)]
