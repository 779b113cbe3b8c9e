"""The data folder: its lock, its secrets, and who may read what in it.

hutong.lock    held (flock) as long as a hutong runs on the folder; names its process
engines.json   passwords, the port of NATS and the socket folder; readable by hutong alone
postgres/      the database; the engines' user's alone, like the next two
socket/        PostgreSQL's Unix socket, where the path is short enough for one
nats/          the configuration and the streams of NATS
programs/      copies of the engines' programs, only where their user cannot reach the originals
logs/          what the engines say
measures/      what several server processes leave for each other to show
files/         what people upload, where it is kept here
"""

import fcntl
import os
import pwd
import secrets
import socket
import tempfile
from pathlib import Path

import msgspec

from .errors import AlreadyRunning, CannotStart
from .owner import Owner

__all__ = ["POSTGRES_PORT", "DataFolder", "EngineNotes", "write_private"]

POSTGRES_PORT = 5432
"""It names the socket's file only; nothing listens on a port."""


class EngineNotes(msgspec.Struct, kw_only=True):
    """What a data folder remembers of its engines from one start to the next."""

    name: str
    superuser_password: str
    password: str
    nats_password: str
    nats_port: int = 0
    socket_folder: str = ""


class DataFolder:
    """One hutong's data. Nothing is created before ``prepare``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.postgres = root / "postgres"
        self.nats = root / "nats"
        self.logs = root / "logs"
        self.programs = root / "programs"
        self._lock = -1

    def prepare(self) -> None:
        """Makes the folder where it is missing. Raises ``CannotStart`` where that is impossible or unwise."""
        home = Path(pwd.getpwuid(0).pw_dir).resolve()
        if os.geteuid() == 0 and home != Path("/") and self.root.resolve().is_relative_to(home):
            raise CannotStart(
                reason=f"{self.root} is in root's home, which stays closed to the engines' own user. "
                "Choose another folder with --data, for example /var/lib/hutong."
            )
        # Root's engines run as a user of their own, who must be able to walk through to what is theirs.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            for missing in reversed([p for p in (self.root, *self.root.parents) if not p.exists()]):
                missing.mkdir(mode=mode, exist_ok=True)
                missing.chmod(mode)
            if os.geteuid() == 0:
                self.root.chmod(self.root.stat().st_mode & 0o7777 | 0o011)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            notes = self.root / "engines.json"
            foreign = notes.exists() and notes.stat().st_uid != os.geteuid()
        except OSError as error:
            raise CannotStart(reason=f"The data folder {self.root} cannot be used: {error.strerror}.") from error
        if foreign:
            raise CannotStart(
                reason=f"The data in {self.root} is another user's. "
                "Run hutong as that user, or choose another folder with --data."
            )

    def lock(self) -> None:
        """Takes the folder for this process until it ends. Raises ``AlreadyRunning`` where another one has it."""
        handle = os.open(self.root / "hutong.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(handle, 20, 0).decode(errors="replace").strip()
            os.close(handle)
            raise AlreadyRunning(pid=pid or "unknown", folder=str(self.root)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._lock = handle

    def held_by(self) -> str | None:
        """The process of the hutong that has the folder, or None."""
        try:
            handle = os.open(self.root / "hutong.lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            # For a moment others can only share it, as this does: two who ask do not disturb each other.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
        finally:
            os.close(handle)
        return None

    def unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def open_to_owner(self, folder: Path, owner: Owner) -> None:
        """Makes a folder that is the engines' user's alone."""
        folder.mkdir(mode=0o700, exist_ok=True)
        owner.give_all(folder)
        owner.give(folder, 0o700)

    def read_notes(self) -> EngineNotes | None:
        try:
            return msgspec.json.decode((self.root / "engines.json").read_bytes(), type=EngineNotes)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise CannotStart(reason=f"{self.root}/engines.json is damaged; put it back from a backup.") from error

    def notes(self) -> EngineNotes:
        """What is remembered of the engines, invented on the first start."""
        notes = self.read_notes()
        if notes is None:
            if (self.postgres / "PG_VERSION").exists():
                raise CannotStart(
                    reason=f"{self.root}/engines.json is missing, and with it the database's password; "
                    "put it back from a backup."
                )
            notes = EngineNotes(
                name=f"hutong-{secrets.token_hex(6)}",
                superuser_password=secrets.token_urlsafe(24),
                password=secrets.token_urlsafe(24),
                nats_password=secrets.token_urlsafe(24),
            )
            self.keep_notes(notes)
        return notes

    def keep_notes(self, notes: EngineNotes) -> None:
        write_private(self.root / "engines.json", msgspec.json.format(msgspec.json.encode(notes)))

    def socket_folder(self, notes: EngineNotes, owner: Owner) -> Path:
        """Where PostgreSQL's socket goes: into the data folder, or a short private folder where that cannot hold it."""
        here = self.root / "socket"
        self.open_to_owner(here, owner)
        if _holds_sockets(here):
            chosen = here
        elif notes.socket_folder and _is_private(Path(notes.socket_folder), owner):
            chosen = Path(notes.socket_folder)
        else:
            # A name that nobody can guess and a mode that lets nobody in, also where everybody may write.
            parent = "/run" if owner.borrowed and os.access("/run", os.W_OK) else "/tmp"  # noqa: S108
            chosen = Path(tempfile.mkdtemp(prefix="hutong-", dir=parent))
            owner.give(chosen, 0o700)
        if notes.socket_folder != str(chosen):
            notes.socket_folder = str(chosen)
            self.keep_notes(notes)
        return chosen


def write_private(path: Path, content: bytes, owner: Owner | None = None) -> None:
    """Replaces a file whole; at no moment can anybody else read it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if owner is not None and owner.borrowed:
            # By its handle, because in a folder of its own the other user could have put another file here by now.
            os.fchown(file.fileno(), owner.uid, owner.gid)
    fresh.replace(path)


def _holds_sockets(folder: Path) -> bool:
    """Whether a socket can be made here: the path may be too long (107 bytes), or the file system know no sockets."""
    probe = folder / ".s.PGSQL.test"
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(str(probe))
        except OSError:
            return False
    probe.unlink(missing_ok=True)
    return True


def _is_private(folder: Path, owner: Owner) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and found.st_uid == owner.uid and found.st_mode & 0o777 == 0o700
