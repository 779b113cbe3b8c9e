"""Builds the wheel as a stranger would, installs it into an empty environment, starts it, and signs one person up.

``python -m tests.wheel``: the source distribution is built first and the wheel from it alone, in isolation, so that a
file which only this working copy has is missed.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 60
GONE_WITHIN_S = 10


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hutong-wheel-") as folder:
        place = Path(folder)
        place.chmod(0o755)  # The database runs as a user of its own, which must be able to walk in here.
        hutong = install(build(place / "dist"), place / "venv")
        port = _free_port()
        with (place / "serve.log").open("wb") as log:
            command = [str(hutong), "serve", "--data", str(place / "data"), "--port", str(port)]
            started = time.monotonic()
            server = subprocess.Popen(command, cwd=place, stdout=log, stderr=log, env=_bare_environment())
            try:
                wait_until_ready(server, port)
                print(f"Ready on a new data folder after {time.monotonic() - started:.1f} s.")
                use(port)
                print(f"Stopped after {stop(server):.1f} s.")
            except BaseException:
                print((place / "serve.log").read_text(errors="replace"), file=sys.stderr)
                raise
            finally:
                server.kill()
                server.wait()


def build(target: Path) -> Path:
    """The path of the one wheel built."""
    _run(sys.executable, "-m", "build", "--outdir", target, ROOT)
    (wheel,) = target.glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size // 1024} KiB")
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """The path of the ``hutong`` command in the new environment."""
    _run(sys.executable, "-m", "venv", environment)
    pip = (environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
    _run(*pip, "--no-deps", "--no-index", wheel)
    return environment / "bin" / "hutong"


def wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit(f"hutong ended with {server.returncode} before it was ready.")
        try:
            if _ask(port, "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"hutong was not ready within {READY_WITHIN_S} s.")


def use(port: int) -> None:
    """Reads the client's page and what it loads, and signs one person up."""
    status, page = _ask(port, "/")
    assert status == 200, (status, page)
    assert b"<script" in page, page
    status, answer = _ask(port, "/api/v1/accounts", {"nickname": "Alice", "password": "a lane at seven in the morning"})
    assert status == 201, (status, answer)
    assert json.loads(answer)["number"] == 10001, answer
    print("The client is served, and Alice has number 10001.")


def stop(server: subprocess.Popen[bytes]) -> float:
    """The seconds it took to stop."""
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    status = server.wait(GONE_WITHIN_S)
    if status != 0:
        raise SystemExit(f"hutong ended with {status} after SIGTERM.")
    return time.monotonic() - began


def _ask(port: int, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _bare_environment() -> dict[str, str]:
    """Ours, less what would lead the new environment back to this one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("HUTONG_", "PYTHON", "VIRTUAL"))}


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, env=_bare_environment())


if __name__ == "__main__":
    main()
