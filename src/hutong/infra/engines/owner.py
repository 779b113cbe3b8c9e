"""Whom the engines run as: the user who runs hutong, or a system user of their own where that is root.

PostgreSQL refuses to run as root, and NATS has no need of it.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CannotStart

__all__ = ["ENGINE_USER", "Owner", "engine_owner"]

ENGINE_USER = "hutong-db"


@dataclass(frozen=True, slots=True)
class Owner:
    """A system user. ``borrowed`` is true where it is not the user who runs hutong."""

    name: str
    uid: int
    gid: int
    borrowed: bool

    def popen_options(self) -> dict[str, Any]:
        """What ``subprocess`` needs to run a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.borrowed else {}

    def give(self, path: Path, mode: int) -> None:
        """Makes the folder this user's, with exactly this mode."""
        path.chmod(mode)
        if self.borrowed:
            os.chown(path, self.uid, self.gid)

    def give_all(self, folder: Path) -> None:
        """Makes a whole folder this user's: on the machine that it came from, the user had another number."""
        if not self.borrowed or folder.stat().st_uid == self.uid:
            return
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.lchown(os.path.join(parent, name), self.uid, self.gid)
        os.chown(folder, self.uid, self.gid)


def engine_owner() -> Owner:
    """The user for the engines; as root it is created when it is missing. Raises ``CannotStart`` where it cannot be."""
    uid = os.geteuid()
    if uid != 0:
        return Owner(name=_name_of(uid), uid=uid, gid=os.getegid(), borrowed=False)
    try:
        entry = pwd.getpwnam(ENGINE_USER)
    except KeyError:
        _create_user()
        entry = pwd.getpwnam(ENGINE_USER)
    if entry.pw_uid == 0:
        raise CannotStart(reason=f"The system user {ENGINE_USER} has root's rights; give it a number of its own.")
    return Owner(name=ENGINE_USER, uid=entry.pw_uid, gid=entry.pw_gid, borrowed=True)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError as error:
        raise CannotStart(
            reason=f"The user number {uid} has no name on this machine, which PostgreSQL needs: "
            "add it to /etc/passwd, or run hutong as another user."
        ) from error


def _create_user() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    advice = f"Create it (a system user without a login), or run hutong as an ordinary user. The name is {ENGINE_USER}."
    if useradd is None:
        raise CannotStart(reason=f"As root the engines need a system user, and there is no useradd here. {advice}")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(
        [*command, "--shell", "/usr/sbin/nologin", ENGINE_USER], capture_output=True, text=True, check=False
    )
    # Exit code 9 says that the name exists: another hutong made it in this moment.
    if done.returncode not in (0, 9):
        raise CannotStart(reason=f"The system user for the engines cannot be created: {done.stderr.strip()}. {advice}")
