"""What a visitor is told before anything else."""

from dataclasses import replace

import httpx
import msgspec

from hutong import __version__
from hutong.api import House, create_app
from tests.cast import visitor


async def test_a_visitor_learns_the_name_the_gate_and_the_limits(client: httpx.AsyncClient, house: House) -> None:
    answer = await client.get("/api/v1/site")

    assert answer.status_code == 200
    site = answer.json()
    assert (site["name"], site["sign_up"], site["version"]) == ("hutong", "open", __version__)
    assert site["limits"]["text_chars_max"] == house.settings.limits.text_chars_max
    assert site["limits"]["upload_bytes_max"] == house.settings.limits.upload_bytes_max
    assert {f"{what}_chars_max" for what in ("name", "city", "question", "answer")} <= site["limits"].keys()
    assert not any("per" in name for name in site["limits"]), "what holds attackers off is not told"


async def test_it_is_what_the_operator_has_set(house: House) -> None:
    limits = msgspec.structs.replace(house.settings.limits, text_chars_max=99)
    settings = msgspec.structs.replace(house.settings, name="二街读书会", sign_up="approval", limits=limits)

    async with visitor(create_app(replace(house, settings=settings))) as client:
        site = (await client.get("/api/v1/site")).json()

    assert (site["name"], site["sign_up"], site["limits"]["text_chars_max"]) == ("二街读书会", "approval", 99)
