"""HTTP: a bot calls actions one by one."""

from typing import Any

import httpx
import msgspec
import pytest

from .conftest import Wired


async def post(wired: Wired, action: str, **request: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {wired.bot.token}"} | request.pop("headers", {})
    return await wired.http.post(action, headers=headers, **request)


async def test_an_action_in_each_way_that_http_has(wired: Wired) -> None:
    group = {"group_id": f"{wired.chat}", "message": "Hello.", "auto_escape": "false"}
    answers = [
        await post(wired, "send_group_msg", json=group),
        await post(wired, "send_group_msg/", data=group),
        await wired.http.get("send_group_msg", params=group | {"access_token": wired.bot.token}),
        await post(wired, "send_group_msg", json=group, headers={"authorization": f"token {wired.bot.token}"}),
    ]
    assert [(one.status_code, one.json()["status"]) for one in answers] == [(200, "ok")] * 4
    assert len({one.json()["data"]["message_id"] for one in answers}) == 4


async def test_segments_in_a_form(wired: Wired) -> None:
    message = '[{"type":"text","data":{"text":"In a form."}}]'
    answer = await post(wired, "send_group_msg", data={"group_id": wired.chat, "message": message})
    told = await post(wired, "get_msg", json={"message_id": answer.json()["data"]["message_id"]})
    assert told.json()["data"]["raw_message"] == "In a form."


@pytest.mark.parametrize(
    ("action", "request_", "status"),
    [
        ("get_status", {"headers": {"authorization": ""}}, 401),
        ("get_status", {"headers": {"authorization": "Bearer 10009.wrong"}}, 403),
        ("get_stars", {"json": {}}, 404),
        ("get_status", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("get_status", {"content": b"[]", "headers": {"content-type": "application/json"}}, 400),
        ("get_status", {"content": b"x", "headers": {"content-type": "text/plain"}}, 406),
        ("get_status", {}, 200),
        ("get_status_async", {}, 200),
        ("send_like", {"json": {"user_id": 1}}, 200),
        ("send_group_msg", {"json": {"group_id": 1, "message": "x"}}, 200),
    ],
)
async def test_the_status_of_an_answer(wired: Wired, action: str, request_: dict[str, Any], status: int) -> None:
    answer = await post(wired, action, **request_)
    assert answer.status_code == status
    assert msgspec.json.decode(answer.content).keys() >= {"status", "retcode", "data"}


async def test_an_app_over_its_quota_is_told_when_it_begins_anew(wired: Wired, open_town: Any) -> None:
    poor = await open_town(app_calls_per_method_day_max=2)
    async with httpx.AsyncClient(base_url=f"{poor.origin}/bridges/onebot11/") as http:
        body, token = {"group_id": wired.chat, "message": "x"}, {"access_token": wired.bot.token}
        answers = [(await http.post("send_group_msg", json=body, params=token)).json() for _ in range(3)]
    assert [one["retcode"] for one in answers] == [0, 0, 102]
    assert answers[2]["message"] == "openplatform.quota_used_up"
    assert "begin anew" in answers[2]["wording"]
