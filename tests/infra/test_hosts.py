"""Requests for hosts of others are led to a path of ours."""

from typing import Any

import pytest

from hutong.infra.web import by_host

PATHS = {"api.example.org": "/bridges/there"}


async def led_to(host: str, path: str, *, kind: str = "http") -> tuple[str, bytes]:
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["path"], scope["raw_path"]))

    scope: Any = {"type": kind, "path": path, "raw_path": path.encode(), "headers": [(b"host", host.encode())]}
    await by_host(application, PATHS)(scope, None, None)  # type: ignore[arg-type]  # nothing is said or heard here
    ((found, raw),) = seen
    return found, raw


@pytest.mark.parametrize("host", ["api.example.org", "API.example.org", "api.example.org:443"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_host_of_others_is_served_under_its_path(host: str, kind: str) -> None:
    assert await led_to(host, "/gateway", kind=kind) == ("/bridges/there/gateway", b"/bridges/there/gateway")


@pytest.mark.parametrize("path", ["/bridges/there/gateway", "/bridges/files/x"])
async def test_what_is_a_path_of_ours_already_stays(path: str) -> None:
    assert await led_to("api.example.org", path) == (path, path.encode())


@pytest.mark.parametrize("host", ["", "talk.example.org", "api.example.org.evil.example", "example.org"])
async def test_any_other_host_is_our_own(host: str) -> None:
    assert (await led_to(host, "/gateway"))[0] == "/gateway"
