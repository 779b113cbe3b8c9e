"""Calls by HTTP: tried again where that may help, and refused in words."""

import msgspec
import pytest
from aiohttp import web

from hutong_sdk import Client, Denied, Refused, TooMany, Unreachable

from .conftest import answering

SENT = b'{"chat":80001,"seq":7,"id":9,"at":"2026-11-23T05:48:40.123Z"}'


def problem(status: int, code: str, **params: object) -> web.Response:
    body = msgspec.json.encode({"code": code, "detail": "It went wrong.", "params": params})
    return web.Response(status=status, body=body, content_type="application/problem+json")


async def test_a_message_is_sent_again_with_the_same_key_until_it_is_acknowledged() -> None:
    heard: list[dict[str, object]] = []

    async def answers(request: web.Request) -> web.StreamResponse:
        heard.append(msgspec.json.decode(await request.read()))
        if len(heard) == 1:
            assert request.transport is not None
            request.transport.abort()
        if len(heard) < 4:
            return problem(503, "hutong.unavailable")
        return web.Response(status=201, body=SENT)

    async with answering(answers) as url, Client(url, "token") as client:
        sent = await client.send(80001, "Good morning, ", {"type": "mention", "number": 10001})
    assert sent.seq == 7
    assert len(heard) == 4
    assert all(one == heard[0] for one in heard)
    assert heard[0]["segments"] == [
        {"type": "text", "text": "Good morning, "},
        {"type": "mention", "number": 10001},
    ]


async def test_a_refusal_is_raised_at_once_in_its_family() -> None:
    asked: list[str] = []

    async def answers(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        assert request.headers["Authorization"] == "Bearer token"
        return problem(403, "openplatform.scope_missing", scope="send")

    async with answering(answers) as url, Client(url, "token") as client:
        with pytest.raises(Denied) as refused:
            await client.send(80001, "May I?")
    assert asked == ["/api/v1/chats/80001/messages"]
    assert refused.value.code == "openplatform.scope_missing"
    assert refused.value.params == {"scope": "send"}


@pytest.mark.parametrize(("retry_after_s", "asked"), [(1, 2), (40_000, 1)])
async def test_who_is_too_fast_waits_but_not_until_tomorrow(retry_after_s: int, asked: int) -> None:
    seen: list[str] = []

    async def answers(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        if len(seen) == 1:
            return problem(429, "hutong.too_many", retry_after_s=retry_after_s)
        return problem(404, "hutong.not_found")

    async with answering(answers) as url, Client(url, "token") as client:
        with pytest.raises(Refused) as refused:
            await client.message(80001, 1)
    assert len(seen) == asked
    assert isinstance(refused.value, TooMany) == (asked == 1)


async def test_who_is_not_there_is_unreachable_when_patience_ends() -> None:
    async def answers(request: web.Request) -> web.StreamResponse:
        return web.Response()

    async with answering(answers) as url:
        pass
    async with Client(url, "token", patience_s=0) as client:
        with pytest.raises(Unreachable):
            await client.me()


async def test_an_answer_that_is_no_problem_details_is_a_refusal_too() -> None:
    async def answers(request: web.Request) -> web.StreamResponse:
        return web.Response(status=413, text="<html>Too large</html>")

    async with answering(answers) as url, Client(url, "token") as client:
        with pytest.raises(Refused, match="413"):
            await client.send(80001, "x")


async def test_only_the_pieces_that_are_missing_go_up() -> None:
    pieces: dict[str, bytes] = {}
    content = bytes(range(10))

    async def answers(request: web.Request) -> web.StreamResponse:
        if request.method == "PUT":
            pieces[request.path.rsplit("/", 1)[1]] = await request.read()
            return web.Response(status=204)
        if request.path.endswith("finish"):
            body = {"media": "m1", "kind": "file", "type": "text/plain", "size_bytes": 10, "name": "ten.txt"}
            return web.Response(status=201, body=msgspec.json.encode(body))
        assert msgspec.json.decode(await request.read())["size_bytes"] == 10
        view = {"upload": "u1", "size_bytes": 10, "piece_bytes": 4, "pieces": 3, "received": [1]}
        return web.Response(status=201, body=msgspec.json.encode(view))

    async with answering(answers) as url, Client(url, "token") as client:
        stored = await client.upload(content, "ten.txt")
    assert pieces == {"0": content[:4], "2": content[8:]}
    assert stored.segment == {"type": "file", "media": "m1", "name": "ten.txt"}
