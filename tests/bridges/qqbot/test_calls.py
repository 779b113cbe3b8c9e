"""The calls: tokens, messages, files, and keeping a group; and how they are refused."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from tests.files import gif, png, send_file
from tests.gateway.conftest import Citizen, OpenTown, Town

from .conftest import Robot
from .test_gateway import a_robot
from .test_talking import heard, say, text

pytestmark = pytest.mark.usefixtures("no_facts_of_others")


async def group_openid(robot: Robot, chat: int) -> str:
    """How the bot knows a group: it is told by what is said there."""
    async with robot.session() as socket:
        await say(robot.alice, chat, text("x"))
        return str((await socket.until("GROUP_MESSAGE_CREATE"))["d"]["group_openid"])


async def post(robot: Robot, path: str, **body: Any) -> dict[str, Any]:
    answer = await robot.http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()) if answer.content else {}


def refusal(answer: httpx.Response) -> tuple[int, int]:
    assert answer.json()["message"]
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()["code"]


async def test_an_access_token_is_told_in_words_that_clients_read(robot: Robot) -> None:
    answer = await robot.ask_for_token()

    assert isinstance(answer["expires_in"], str)
    assert 60 < int(answer["expires_in"]) <= 7_260
    assert answer["access_token"] == (await robot.ask_for_token())["access_token"]


@pytest.mark.parametrize("wrong", [{"clientSecret": "10001.wrong"}, {"appId": "1"}, {"clientSecret": ""}])
async def test_a_wrong_secret_is_told_so(robot: Robot, wrong: dict[str, str]) -> None:
    assert await robot.ask_for_token(**wrong) == {"code": 100_016, "message": "invalid appid or secret"}


async def test_what_is_too_large_is_not_read(robot: Robot) -> None:
    answer = await robot.http.post("app/getAppAccessToken", content=b" " * 20_000)
    assert refusal(answer)[0] == 413


async def test_a_persons_token_is_no_secret(robot: Robot) -> None:
    answer = await robot.ask_for_token(appId=str(robot.alice.number), clientSecret=robot.alice.token)
    assert answer["code"] == 100_016


async def test_without_a_good_token_nothing_is_told(robot: Robot) -> None:
    del robot.http.headers["authorization"]
    assert refusal(await robot.http.get("users/@me")) == (401, 11_241)
    for word in ("QQBot made.up", "Bearer x", f"Bearer {robot.token}", "QQBot"):
        answer = await robot.http.get("users/@me", headers={"authorization": word})
        assert refusal(answer) == (401, 11_243)


async def test_who_i_am(robot: Robot) -> None:
    me = (await robot.http.get("users/@me")).json()
    assert (me["id"], me["username"], me["bot"]) == (str(robot.number), "Frog", True)
    assert (await robot.http.get("users/@me/guilds")).json() == []


async def test_an_unknown_call_is_unknown(robot: Robot) -> None:
    assert (await robot.http.get("no/such/call")).status_code == 404
    assert (await robot.http.get("app/getAppAccessToken")).status_code == 405


async def test_a_file_is_uploaded_once_and_sent_with_words(robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    group = await group_openid(robot, chat)

    file = await post(
        robot, f"v2/groups/{group}/files", file_type=1, file_data=base64.b64encode(png()).decode(), srv_send_msg=False
    )
    assert file["ttl"] > 0
    await post(robot, f"v2/groups/{group}/messages", msg_type=7, content="look", media={"file_info": file["file_info"]})
    sent = await post(
        robot, f"v2/groups/{group}/files", file_type=4, file_data=base64.b64encode(b"x").decode(), srv_send_msg=True
    )

    said = (await heard(robot.alice, chat))[-2:]
    assert [[part["type"] for part in one["segments"]] for one in said] == [["text", "image"], ["file"]]
    assert sent["id"].startswith("ROBOT1.0_")


async def test_a_bot_fetches_the_files_of_what_it_hears(town: Town, robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    group = await group_openid(robot, chat)
    file = await post(robot, f"v2/groups/{group}/files", file_type=1, file_data=base64.b64encode(png()).decode())
    other = await a_robot(town)
    other.alice = robot.alice
    await other.install(chat)
    async with other.session() as socket:
        await post(robot, f"v2/groups/{group}/messages", msg_type=7, media={"file_info": file["file_info"]})
        d = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]

    assert (d["content"], d["author"]["bot"]) == ("", True)
    url = d["attachments"][0]["url"]
    async with httpx.AsyncClient() as anybody:
        found = await anybody.get(url)
        assert (found.status_code, found.headers["content-type"]) == (200, "image/png")
        assert int(found.headers["content-length"]) == len(found.content)
        await other.alice.http.delete(f"groups/{chat}/bots/{other.number}")
        assert (await anybody.get(url)).status_code == 404


async def test_a_bot_sends_a_file_on_that_it_was_told_of(town: Town, robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    media = await send_file(robot.alice.http, gif())
    async with robot.session() as socket:
        await say(robot.alice, chat, {"type": "image", "media": media})
        d = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]
    (attachment,) = d["attachments"]
    assert (attachment["content_type"], attachment["filename"]) == ("image/gif", f"{media}.gif")
    files = f"v2/groups/{d['group_openid']}/files"
    url = attachment["url"].replace(town.origin, "https://api.sgroup.qq.com")

    await post(robot, files, file_type=1, url=url, srv_send_msg=True)

    assert [part["type"] for part in (await heard(robot.alice, chat))[-1]["segments"]] == ["image"]
    other = await a_robot(town)
    other.alice = robot.alice
    await other.install(chat)
    theirs = f"v2/groups/{await group_openid(other, chat)}/files"
    assert refusal(await other.http.post(theirs, json={"file_type": 1, "url": url})) == (400, 304_082)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"file_type": 1, "file_data": "%%%"}, 304_082),
        ({"file_type": 1, "url": "http://127.0.0.1:1/x.png"}, 304_082),
        ({"file_type": 1, "file_data": ""}, 50_035),
        ({"file_type": 9, "url": "http://x"}, 50_035),
        ({}, 12_002),
    ],
)
async def test_a_file_that_cannot_be_taken(robot: Robot, body: dict[str, Any], code: int) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    group = await group_openid(robot, chat)
    assert refusal(await robot.http.post(f"v2/groups/{group}/files", json=body)) == (400, code)


async def test_an_answer_is_given_once_and_not_too_often(open_town: OpenTown) -> None:
    robot = await a_robot(await open_town(qqbot_replies_per_message_max=2))
    chat = await robot.alice.create_group()
    await robot.install(chat)
    async with robot.session() as socket:
        await say(robot.alice, chat, text("x"))
        d = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]
    path = f"v2/groups/{d['group_openid']}/messages"

    async def answer(msg_seq: int, content: str = "y") -> tuple[int, int]:
        body = {"content": content, "msg_id": d["id"], "msg_seq": msg_seq}
        return refusal_or_ok(await robot.http.post(path, json=body))

    assert await answer(1) == (200, 0)
    assert await answer(1) == (400, 40_054_005)
    assert await answer(2, "z" * 6_000) == (400, 50_035)
    assert await answer(2) == (200, 0)
    assert await answer(3) == (429, 22_009)
    assert [one["segments"][0]["text"] for one in await heard(robot.alice, chat)] == ["x", "y", "y"]


def refusal_or_ok(answer: httpx.Response) -> tuple[int, int]:
    return (200, 0) if answer.status_code == 200 else refusal(answer)


async def test_an_answer_that_failed_in_the_database_may_be_given_again(
    robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    async with robot.session() as socket:
        await say(robot.alice, chat, text("x"))
        d = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]
    body = {"content": "y", "msg_id": d["id"], "msg_seq": 1}
    path = f"v2/groups/{d['group_openid']}/messages"

    async def fail(**_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(robot.town.parts.house.writer, "send", fail)
        assert (await robot.http.post(path, json=body)).status_code == 503
    assert refusal_or_ok(await robot.http.post(path, json=body)) == (200, 0)


async def test_the_same_answer_twice_at_once_is_said_once(robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    async with robot.session() as socket:
        await say(robot.alice, chat, text("x"))
        d = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]
    body = {"content": "y", "msg_id": d["id"], "msg_seq": 1}
    path = f"v2/groups/{d['group_openid']}/messages"

    answers = await asyncio.gather(*(robot.http.post(path, json=body) for _ in range(5)))

    assert sorted(refusal_or_ok(one) for one in answers) == [(200, 0), *[(400, 40_054_005)] * 4]
    assert len(await heard(robot.alice, chat)) == 2


async def test_too_much_unasked_and_too_late(open_town: OpenTown) -> None:
    robot = await a_robot(await open_town(qqbot_unasked_per_chat_day_max=1, qqbot_reply_window_s=0))
    chat = await robot.alice.create_group()
    await robot.install(chat)
    async with robot.session() as socket:
        await say(robot.alice, chat, text("x"))
        d = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]
    path = f"v2/groups/{d['group_openid']}/messages"

    assert (await robot.http.post(path, json={"content": "1"})).status_code == 200
    assert refusal(await robot.http.post(path, json={"content": "2"})) == (429, 22_009)
    late = {"content": "2", "msg_id": d["id"]}
    assert refusal(await robot.http.post(path, json=late)) == (400, 22_009)


async def test_over_the_quota_of_the_app(open_town: OpenTown) -> None:
    robot = await a_robot(await open_town(app_calls_per_method_day_max=1))
    chat = await robot.alice.create_group()
    await robot.install(chat)
    group = await group_openid(robot, chat)
    for expected in ((200, 0), (429, 22_009)):
        answer = await robot.http.post(f"v2/groups/{group}/messages", json={"content": "y"})
        assert refusal_or_ok(answer) == expected


async def test_without_the_scope_nothing_is_sent(robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    group = await group_openid(robot, chat)
    await robot.install(chat, "read_all")

    assert refusal(await robot.http.post(f"v2/groups/{group}/messages", json={"content": "y"})) == (403, 11_253)
    assert refusal(await robot.http.get(f"v2/groups/{group}/members")) == (403, 11_253)


async def test_where_the_bot_is_not_there_is_no_group(town: Town, robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    group = await group_openid(robot, chat)
    other = await a_robot(town)

    for openid in (group, "0" * 32, "x", str(chat)):
        answer = await other.http.post(f"v2/groups/{openid}/messages", json={"content": "y"})
        assert refusal(answer) == (400, 50_035)


async def test_a_bot_takes_back_its_own_words(robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat, "read_all", "send")
    group = await group_openid(robot, chat)
    sent = await post(robot, f"v2/groups/{group}/messages", content="oops")

    answer = await robot.http.delete(f"v2/groups/{group}/messages/{sent['id']}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await heard(robot.alice, chat))[-1]["segments"] == []
    assert refusal(await robot.http.delete(f"v2/groups/{group}/messages/made-up")) == (400, 50_035)


async def in_group(town: Town, robot: Robot) -> tuple[Citizen, str]:
    """Bob, and the group that the bot helps Alice to keep, as the bot knows it."""
    (bob,) = await town.people("Bob")
    chat = await robot.alice.create_group("Readers", description="Books")
    await robot.install(chat)
    await bob.join(chat)
    roles = f"groups/{chat}/members/{robot.number}"
    (await robot.alice.http.patch(roles, json={"role": "admin"})).raise_for_status()
    return bob, await group_openid(robot, chat)


async def get(robot: Robot, path: str) -> dict[str, Any]:
    answer = await robot.http.get(path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_group_tells_of_itself_and_its_members(town: Town, robot: Robot) -> None:
    _, group = await in_group(town, robot)
    info = await get(robot, f"v2/groups/{group}/info")
    assert (info["group_name"], info["group_finger_memo"], info["group_member_num"]) == ("Readers", "Books", 3)
    state = await get(robot, f"v2/groups/{group}/bot_state")
    assert (state["member_role"], state["recv_msg_setting"], state["allow_proactive_msg"]) == ("admin", "all", True)
    members = (await get(robot, f"v2/groups/{group}/members"))["members"]
    assert {one["username"]: (one["member_role"], one["bot"]) for one in members} == {
        "Alice": ("owner", False),
        "Frog": ("admin", True),
        "Bob": ("member", False),
    }
    (bob,) = (one for one in members if one["username"] == "Bob")
    assert await get(robot, f"v2/groups/{group}/members/{bob['member_openid']}") == bob
    older = await post(robot, f"v2/groups/{group}/members", limit=2, start_index=0)
    assert (len(older["members"]), older["next_index"]) == (2, 2)


async def test_a_bot_silences_removes_and_bans(town: Town, robot: Robot) -> None:
    _, group = await in_group(town, robot)
    members = (await get(robot, f"v2/groups/{group}/members"))["members"]
    (openid,) = (one["member_openid"] for one in members if one["username"] == "Bob")
    later = "2099-01-01T00:00:00+08:00"
    muting = f"v2/groups/{group}/restrict_chat_setting"

    await post(
        robot, muting, members=[{"op": "add", "member_openid": openid, "mute_expire_at": "2027-01-01T00:00:00Z"}]
    )
    muted = await get(robot, muting)
    assert (muted["global_rule"]["mode"], [one["member_openid"] for one in muted["members"]]) == ("none", [openid])
    await post(robot, muting, members=[{"op": "del", "member_openid": openid}], global_rule={"mode": "always"})
    muted = await get(robot, muting)
    assert (muted["global_rule"]["mode"], muted["members"]) == ("always", [])
    too_long = [{"op": "add", "member_openid": openid, "mute_expire_at": later}]
    assert (await robot.http.post(muting, json={"members": too_long})).status_code == 400

    removed = await post(
        robot, f"v2/groups/{group}/batch_remove_members", member_openids=[openid], add_to_member_blacklist=True
    )
    assert removed["remove_members_result"] == "success"
    banned = await get(robot, f"v2/groups/{group}/member_blacklist")
    assert [one["member_openid"] for one in banned["users"]] == [openid]
    lifted = await post(robot, f"v2/groups/{group}/member_blacklist", op="del", member_openids=[openid, "made up"])
    assert lifted == {"fail_openids": ["made up"]}
    assert (await get(robot, f"v2/groups/{group}/member_blacklist"))["users"] == []


async def a_club(robot: Robot) -> tuple[int, str]:
    """A group that the bot lets people into, and how the bot knows it."""
    chat = await robot.alice.create_group("Club", join_mode="approval", question="Why?")
    await robot.install(chat)
    roles = f"groups/{chat}/members/{robot.number}"
    (await robot.alice.http.patch(roles, json={"role": "admin"})).raise_for_status()
    return chat, await group_openid(robot, chat)


async def ask(person: Citizen, chat: int, answer: str) -> None:
    (await person.http.put(f"groups/{chat}/members/me", json={"answer": answer})).raise_for_status()


async def test_a_bot_hears_who_asks_to_join(town: Town, robot: Robot) -> None:
    (chen,) = await town.people("Chen")
    chat, group = await a_club(robot)
    async with robot.session(1 << 24) as socket, robot.session(1 << 25) as other:
        await ask(chen, chat, "Books")
        asked = await socket.until("GROUP_JOIN_REQUEST")
        await say(robot.alice, chat, text("x"))
        assert (await other.next())["t"] == "GROUP_MESSAGE_CREATE"

    (listed,) = (await get(robot, f"v2/groups/{group}/join_request_list"))["list"]
    assert asked["id"].startswith("GROUP_JOIN_REQUEST:")
    assert asked["d"] == listed | {"group_openid": group}
    assert (listed["username"], listed["verify_info"]["verify_message"]) == ("Chen", "Books")
    assert (listed["apply_source"], listed["bot"]) == ("self_apply", False)
    assert str(chen.number) not in listed["member_openid"]

    await post(robot, f"v2/groups/{group}/approval_join_request/{asked['d']['member_openid']}", op="approve")
    members = (await get(robot, f"v2/groups/{group}/members"))["members"]
    assert listed["member_openid"] in [one["member_openid"] for one in members]


async def test_a_bot_decides_who_is_let_in(town: Town, robot: Robot) -> None:
    chen, dan = await town.people("Chen", "Dan")
    chat, group = await a_club(robot)
    for person in (chen, dan):
        await ask(person, chat, "Books")

    listing, deciding = f"v2/groups/{group}/join_request_list", f"v2/groups/{group}/approval_join_request"
    first = await get(robot, f"{listing}?cursor=&limit=1")
    rest = await get(robot, f"{listing}?cursor={first['next_cursor']}&limit=1")
    assert (len(first["list"]), rest["next_cursor"]) == (1, "")
    waiting = [*first["list"], *rest["list"]]
    assert waiting == (await get(robot, listing))["list"]
    assert [(one["username"], one["verify_info"]["verify_message"]) for one in waiting] == [
        ("Chen", "Books"),
        ("Dan", "Books"),
    ]
    assert refusal(await robot.http.get(f"{listing}?cursor=made-up")) == (400, 50_035)
    for one, op in zip(waiting, ("approve", "decline"), strict=True):
        await post(robot, f"{deciding}/{one['member_openid']}", op=op, reject_reason="No room.")
    members = (await get(robot, f"v2/groups/{group}/members"))["members"]
    assert sorted(one["username"] for one in members) == ["Alice", "Chen", "Frog"]
    assert (await get(robot, listing))["list"] == []


async def test_without_the_scope_nobody_is_let_in(town: Town, robot: Robot) -> None:
    (chen,) = await town.people("Chen")
    chat, group = await a_club(robot)
    await ask(chen, chat, "Books")
    listing = f"v2/groups/{group}/join_request_list"
    (waiting,) = (await get(robot, listing))["list"]
    await robot.install(chat, "read_all", "send", "members")

    assert refusal(await robot.http.get(listing)) == (403, 11_253)
    path = f"v2/groups/{group}/approval_join_request/{waiting['member_openid']}"
    assert refusal(await robot.http.post(path, json={"op": "approve"})) == (403, 11_253)
    members = (await get(robot, f"v2/groups/{group}/members"))["members"]
    assert sorted(one["username"] for one in members) == ["Alice", "Frog"]


@pytest.mark.parametrize("path", ["batch_remove_members", "member_blacklist", "approval_join_request/x"])
async def test_a_bad_body_is_refused(town: Town, robot: Robot, path: str) -> None:
    _, group = await in_group(town, robot)
    for raw in (b"", b"[]", b'{"member_openids":5}'):
        answer = await robot.http.post(f"v2/groups/{group}/{path}", content=raw)
        assert refusal(answer) == (400, 12_002)
