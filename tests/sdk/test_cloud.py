"""What an app keeps on the server: paths, pages, and nothing counted twice."""

import msgspec
import pytest
from aiohttp import web

from hutong_sdk import Client, HutongError, Unreachable

from .conftest import answering

ENTRY = {"collection": "notes", "key": "a/b", "version": 3, "changed_at": "2026-11-23T05:48:40Z", "expires_at": None}


def answer(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")


async def test_a_key_may_have_any_signs() -> None:
    paths: list[str] = []

    async def answers(request: web.Request) -> web.StreamResponse:
        paths.append(request.raw_path)
        if request.method == "PUT":
            return answer({"collection": "notes", "key": "?", "version": 7})
        return answer({"code": "cloud.no_such_entry", "detail": "Nothing."}, 404)

    async with answering(answers) as url, Client(url, "token") as client:
        notes = client.cloud.collection("notes")
        assert await notes.put("who? 50%#é", {"a": 1}) == 7
        assert await notes.find("who? 50%#é") is None
    assert paths == ["/api/v1/apps/me/store/notes/who%3F%2050%25%23%C3%A9"] * 2


async def test_entries_and_documents_come_page_by_page() -> None:
    async def answers(request: web.Request) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read()) if request.method == "POST" else dict(request.query)
        if "cursor" in body:
            return answer({"items": [ENTRY | {"value": 2}], "next": None})
        return answer({"items": [ENTRY | {"value": 1}], "next": "onward"})

    async with answering(answers) as url, Client(url, "token") as client:
        notes = client.cloud.collection("notes")
        assert [entry.value async for entry in notes.entries("a")] == [1, 2]
        assert [entry.value async for entry in notes.search({"by": "Bob"}, sort="-at")] == [1, 2]


@pytest.mark.parametrize("lost", ["aborted", 502])
async def test_what_may_have_been_counted_is_not_counted_again(lost: str | int) -> None:
    asked: list[bytes] = []

    async def answers(request: web.Request) -> web.StreamResponse:
        asked.append(await request.read())
        if len(asked) == 1:
            return answer({"code": "hutong.unavailable", "detail": "Not now."}, 503)
        if lost == 502:
            return answer({}, 502)
        assert request.transport is not None
        request.transport.abort()
        return answer({})

    async with answering(answers) as url, Client(url, "token") as client:
        with pytest.raises(HutongError) as failed:
            await client.cloud.collection("counts").add("lent")
    assert len(asked) == 2
    assert isinstance(failed.value, Unreachable) == (lost != 502)
