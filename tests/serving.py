"""``hutong serve`` as a process, for tests that kill it, stop it, or have programs of others connect to it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

__all__ = ["Server", "a_server"]

READY_WITHIN_S = 240


class Server:
    """``hutong serve`` as a process of its own, on one data folder and port, started as often as needed."""

    def __init__(self, folder: Path, port: int, workers: int, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.port = port
        self.workers = workers
        self.environment = os.environ | dict(environment)
        self.process: subprocess.Popen[bytes]

    def launch(self) -> None:
        words = ["serve", "--data", str(self.folder), "--port", str(self.port), "--workers", str(self.workers)]
        with (self.folder / "console.log").open("ab") as log:
            command = [sys.executable, "-m", "hutong", *words]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)

    async def start(self) -> None:
        self.launch()
        async with asyncio.timeout(READY_WITHIN_S), httpx.AsyncClient() as http:
            while not await self._is_ready(http):
                assert self.process.poll() is None, (self.folder / "console.log").read_text()
                await asyncio.sleep(0.1)

    async def _is_ready(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get(f"{self.address}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, 120)

    def speaker(self, token: str = "") -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"{self.address}/api/v1/", headers=headers, timeout=120)


@asynccontextmanager
async def a_server(folder: Path, workers: int, environment: Mapping[str, str] | None = None) -> AsyncGenerator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(folder, port, workers, environment or {})
    await server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            await server.stop()
