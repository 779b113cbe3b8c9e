"""The whole database as one file, and back, by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from .errors import CannotStart
from .programs import postgres_bin

__all__ = ["CannotCopy", "dump_database", "load_database"]


class CannotCopy(CannotStart):
    """PostgreSQL's program for copying a database failed."""

    code = "engines.cannot_copy"
    text = "The database cannot be copied: {reason}"


def dump_database(url: str, target: Path) -> None:
    """Writes the database as it is at one moment into a file, compressed; others may go on working meanwhile.

    Waits until it is done. Raises ``CannotCopy``.
    """
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--file={target}")


def load_database(url: str, source: Path) -> None:
    """Fills an empty database from such a file, wholly or not at all. Raises ``CannotCopy``."""
    _run(
        "pg_restore",
        url,
        *("--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--single-transaction"),
        f"--dbname={_database_of(url)}",
        str(source),
    )


def _run(program: str, url: str, *options: str) -> None:
    # The password goes through the environment: a command line can be read by everybody on the machine.
    environment = {"PATH": os.defpath, "LANG": "C", "PGCONNECT_TIMEOUT": "10", **_connection(url)}
    done = subprocess.run(
        [str(postgres_bin() / program), "--no-password", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotCopy(reason=" ".join(done.stderr.split()) or f"{program} ended with {done.returncode}.")


def _connection(url: str) -> dict[str, str]:
    """The address as the variables that PostgreSQL's programs read."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    said = {
        "PGHOST": query.get("host") or parts.hostname,
        "PGPORT": query.get("port") or (str(parts.port) if parts.port else None),
        "PGUSER": unquote(parts.username) if parts.username else query.get("user"),
        "PGPASSWORD": unquote(parts.password) if parts.password else query.get("password"),
        "PGDATABASE": _database_of(url),
        "PGSSLMODE": query.get("sslmode") or query.get("ssl"),
    }
    return {name: value for name, value in said.items() if value}


def _database_of(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/"))
