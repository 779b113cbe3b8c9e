"""The yardstick for memory: our own hand-over from uvicorn to picows, and a listener that knows nothing.

Prints ``{"listening": PORT}`` and ends with its standard input.
"""

import asyncio
import json
import os
import socket
from typing import Any

import uvicorn
import uvloop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)

from hutong.gateway import SOCKET_PATH, socket_protocol
from hutong.settings import Limits

LIMITS = Limits()


class Nobody(WSListener):
    """Answers whatever comes, so that the client takes it for a welcome."""

    __slots__ = ()

    def on_ws_connected(self, transport: WSTransport) -> None:
        # The gateway lets go of the headers too; a yardstick that kept them would flatter it.
        transport.request.headers = None
        transport.response.headers = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        transport.send(WSMsgType.TEXT, b'{"on":"welcome","ref":1}')


def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
    answer = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": "hutong.1"})
    return WSUpgradeResponseWithListener(answer, Nobody())


async def no_application(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("Only the socket is served here.")


async def serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    protocol = socket_protocol(
        accept, path=SOCKET_PATH, frame_bytes_max=LIMITS.frame_read_bytes_max, idle_ping_s=LIMITS.idle_ping_s
    )
    config = uvicorn.Config(no_application, ws=protocol, http="httptools", lifespan="off", log_level="warning")
    asyncio.get_running_loop().add_reader(0, os._exit, 0)
    print(json.dumps({"listening": listener.getsockname()[1]}), flush=True)
    await uvicorn.Server(config).serve([listener])


if __name__ == "__main__":
    uvloop.run(serve())
