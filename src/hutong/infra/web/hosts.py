"""Hosts that are asked for at our door: what comes for one of them is served under a path of ours."""

from collections.abc import Mapping

from litestar.types import ASGIApp, Receive, Scope, Send

__all__ = ["by_host"]


def by_host(application: ASGIApp, paths: Mapping[str, str]) -> ASGIApp:
    """The application, with requests for each of the hosts led to the path that is named for it; what begins like that
    path, ``/bridges/``, is ours already and stays as it is."""

    async def lead(scope: Scope, receive: Receive, send: Send) -> None:
        path = paths.get(_host_of(scope)) if scope["type"] in ("http", "websocket") else None
        if path is not None and not scope["path"].startswith(path.rpartition("/")[0] + "/"):
            scope["path"] = path + scope["path"]
            scope["raw_path"] = path.encode() + scope["raw_path"]
        await application(scope, receive, send)

    return lead


def _host_of(scope: Scope) -> str:
    """The name that was asked for, without a port and in small letters."""
    for name, value in scope["headers"]:
        if name == b"host":
            return bytes(value).decode("latin-1").rpartition("@")[2].partition(":")[0].lower()
    return ""
