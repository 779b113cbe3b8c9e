"""``hutong doctor``: looks at everything that hutong stands on, and says in sentences what is wrong and what to do."""

import asyncio
import http.client
import os
import resource
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec
import nats
from nats.errors import Error as NatsError

from hutong.api.client import WEB_FOLDER
from hutong.infra import migrations
from hutong.infra.engines import (
    DataFolder,
    Engines,
    nats_answers,
    nats_program,
    postgres_answers,
    postgres_bin,
    use_engines,
)
from hutong.kit.errors import HutongError
from hutong.settings import Settings

from .console import say, settings_from

__all__ = ["Finding", "clock_finding", "doctor", "examine"]

DISK_FREE_BYTES_MIN = 2**30
DISK_FREE_BYTES_WANTED = 5 * 2**30
CLOCK_OFF_S_MAX = 2.0
FILES_WANTED = 20_000
CONNECTIONS_FREE_MIN = 30
POSTGRES_VERSION_MIN = 160_000
ANSWERS_WITHIN_S = 5
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Finding(msgspec.Struct, frozen=True):
    """What was found of one thing: ``good``, ``doubtful`` (it works, but) or ``bad``; and what to do about it."""

    how: str
    what: str
    says: str
    do: str = ""


def good(what: str, says: str) -> Finding:
    return Finding("good", what, says)


def doubtful(what: str, says: str, do: str) -> Finding:
    return Finding("doubtful", what, says, do)


def bad(what: str, says: str, do: str) -> Finding:
    return Finding("bad", what, says, do)


def doctor(*, data: Path | None = None, host: str | None = None, port: int | None = None) -> None:
    """Look at everything that hutong stands on; say what is wrong.

    Nothing is changed. The exit code is 1 where something keeps hutong from working.

    Parameters
    ----------
    data
        The data folder.
    host
        The address that hutong is to listen on.
    port
        Its port.
    """
    settings = settings_from(data, host=host, port=port)

    async def look() -> list[Finding]:
        findings = []
        async for finding in examine(settings):
            say(f"{finding.how:9} {finding.what}: {finding.says}")
            if finding.do:
                say(f"          {finding.do}")
            findings.append(finding)
        return findings

    findings = asyncio.run(look())
    wrong = sum(finding.how == "bad" for finding in findings)
    who = f"{wrong} of {len(findings)} things keep" if wrong else "Nothing keeps"
    say(f"{who} hutong from working.")
    sys.exit(1 if wrong else 0)


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything that can be found out, in the order in which it matters."""
    folder = DataFolder(settings.data)
    pid = await asyncio.to_thread(folder.held_by)
    for finding in await asyncio.to_thread(lambda: [*_look_at_machine(settings), *_look_at_folder(folder, pid)]):
        yield finding
    yield await asyncio.to_thread(_look_at_address, settings, pid)
    startable = True
    for finding in await _look_at_given(settings):
        startable &= finding.how != "bad"
        yield finding
    brings_its_own = not (settings.database_url and settings.nats_url)
    if brings_its_own and folder.read_notes() is None:
        yield good("Engines", "nothing was started here yet; hutong serve makes them")
    elif startable:
        async for finding in _look_at_engines(settings):
            yield finding


async def _look_at_engines(settings: Settings) -> AsyncIterator[Finding]:
    """Of a server that runs, or started for this moment."""
    said: list[str] = []
    try:
        async with use_engines(settings, said.append) as engines:
            for look in (_look_at_database, _look_at_migrations, _look_at_dead_letters, _look_at_bus):
                for finding in await look(engines):
                    yield finding
    except HutongError as error:
        yield bad("Engines", error.detail, f"Before that: {'; '.join(said)}." if said else "")


def _look_at_machine(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url:
        yield _found("PostgreSQL's programs", postgres_bin)
    if not settings.nats_url:
        yield _found("NATS's program", nats_program)
    if (WEB_FOLDER / "index.html").exists():
        yield good("Web client", "is there")
    else:
        yield doubtful(
            "Web client", "is not built, and people see a page that says so", "Run make web, or use the wheel."
        )
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < FILES_WANTED:
        yield doubtful(
            "Open files",
            f"a process may open {most}, and every connection is one",
            f"Raise the bound to {FILES_WANTED} or more (LimitNOFILE= in a systemd unit).",
        )
    else:
        yield good("Open files", "enough for a large community")


def _found(what: str, find: Callable[[], Path]) -> Finding:
    try:
        return good(what, f"in {find()}")
    except HutongError as error:
        return bad(what, error.detail, "")


def _look_at_folder(folder: DataFolder, pid: str | None) -> Iterator[Finding]:
    there = next(path for path in (folder.root, *folder.root.parents) if path.exists())
    yield good("Data folder", f"{folder.root}, used by process {pid}" if pid else f"{folder.root}, not in use")
    usage = shutil.disk_usage(there)
    says = f"{usage.free / 2**30:.1f} of {usage.total / 2**30:.1f} GiB are free for {folder.root}"
    if usage.free < DISK_FREE_BYTES_MIN:
        yield bad("Disk", says, "Make room: PostgreSQL stops when it cannot write.")
    elif usage.free < DISK_FREE_BYTES_WANTED:
        yield doubtful("Disk", says, "Make room before it is needed.")
    else:
        yield good("Disk", says)


def _look_at_address(settings: Settings, pid: str | None) -> Finding:
    place = f"{settings.host}, port {settings.port}"
    address = f"http://{'[' + settings.host + ']' if ':' in settings.host else settings.host}:{settings.port}"
    # Not through a proxy of the environment: the question is what answers here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/readyz", timeout=ANSWERS_WITHIN_S) as answer:
            body = answer.read(10_000)
    except urllib.error.HTTPError as error:
        body = error.read(10_000)
    except (OSError, http.client.HTTPException):
        return _look_at_silent_address(settings, pid, place)
    try:
        readiness = msgspec.json.decode(body, type=dict[str, bool])
    except msgspec.MsgspecError:
        return bad("Address", f"somebody else answers on {place}", "Choose another with HUTONG_PORT or --port.")
    if readiness.get("ready"):
        return good("Address", f"a hutong answers on {place}, and is ready")
    lacking = ", ".join(part for part, there in readiness.items() if not there and part != "ready")
    return bad("Address", f"a hutong answers on {place}, and lacks {lacking}", "See the findings below, and its log.")


def _look_at_silent_address(settings: Settings, pid: str | None, place: str) -> Finding:
    try:
        with socket.create_server((settings.host, settings.port)):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return bad("Address", f"{place} cannot be listened on: {reason}", "Choose another with --host, --port.")
    if pid is not None:
        return doubtful("Address", f"nobody answers on {place}", "Name the address of the server that runs: --port.")
    return good("Address", f"{place} is free")


async def _look_at_given(settings: Settings) -> list[Finding]:
    """The engines that somebody else runs, which a start would wait for without end."""
    findings = []
    given: list[tuple[str, str, Callable[[str], Awaitable[None]]]] = [
        ("HUTONG_DATABASE_URL", settings.database_url, postgres_answers),
        ("HUTONG_NATS_URL", settings.nats_url, nats_answers),
    ]
    for name, url, answers in given:
        if not url:
            continue
        host = urlsplit(url).hostname or "a socket"
        try:
            await answers(url)
            findings.append(good(name, f"{host} answers"))
        except HutongError as error:
            findings.append(bad(name, error.detail, "Check name, password and database in the address."))
        except (OSError, TimeoutError) as error:
            reason = str(error) or "it takes too long"
            findings.append(bad(name, f"{host} does not answer: {reason}", "Start it, or correct the address."))
    return findings


async def _look_at_database(engines: Engines) -> list[Finding]:
    connection = await asyncpg.connect(engines.database_url, timeout=ANSWERS_WITHIN_S)
    try:
        version = int(await connection.fetchval("SHOW server_version_num"))
        name = await connection.fetchval("SHOW server_version")
        encoding = await connection.fetchval("SHOW server_encoding")
        risky = [one for one in DURABLE if await connection.fetchval(f"SHOW {one}") == "off"]
        used = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        most = int(await connection.fetchval("SHOW max_connections"))
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
        asked_at = time.time()
        its_clock: datetime = await connection.fetchval("SELECT clock_timestamp()")
        answered_at = time.time()
    finally:
        await connection.close()
    findings = [clock_finding(its_clock, asked_at, answered_at)]
    if version < POSTGRES_VERSION_MIN:
        findings.append(bad("Database", f"PostgreSQL {name} is too old", "Use PostgreSQL 16 or newer."))
    else:
        findings.append(good("Database", f"PostgreSQL {name}, {size / 2**20:.0f} MiB"))
    if encoding != "UTF8":
        findings.append(bad("Database", f"its encoding is {encoding}", "Create it anew with ENCODING 'UTF8'."))
    if risky:
        says = f"it does not keep what it has answered safe from a loss of power ({', '.join(risky)} off)"
        findings.append(doubtful("Database", says, "Switch that on in its configuration."))
    if most - used < CONNECTIONS_FREE_MIN:
        findings.append(doubtful("Database", f"{used} of {most} connections are in use", "Raise max_connections."))
    return findings


def clock_finding(its: datetime, asked_at: float, answered_at: float) -> Finding:
    """The database's clock against ours, which may differ by as long as the question took."""
    off_s = its.timestamp() - (asked_at + answered_at) / 2
    if abs(off_s) > CLOCK_OFF_S_MAX + (answered_at - asked_at):
        says = f"the database's is {abs(off_s):.1f} s {'ahead of' if off_s > 0 else 'behind'} this machine's"
        return bad("Clock", says, "Set both by NTP (timedatectl set-ntp true).")
    return good("Clock", f"{its.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, here and in the database")


async def _look_at_migrations(engines: Engines) -> list[Finding]:
    try:
        missing = await migrations.pending(engines.database_url)
    except migrations.NewerDatabase as error:
        return [bad("Migrations", error.detail, "")]
    if missing:
        says = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} still to be applied"
        return [doubtful("Migrations", says, "hutong serve applies them at its start; hutong migrate does so now.")]
    return [good("Migrations", f"the database is at {migrations.known_revisions()[-1]}")]


async def _look_at_dead_letters(engines: Engines) -> list[Finding]:
    """Nothing where the table is still to be made: the revisions are told of already."""
    connection = await asyncpg.connect(engines.database_url, timeout=ANSWERS_WITHIN_S)
    try:
        letters = await connection.fetch(
            "SELECT subscriber, count(*) AS count, max(reason) AS reason FROM infra_dead_letter GROUP BY subscriber"
        )
    except asyncpg.UndefinedTableError:
        return []
    finally:
        await connection.close()
    return [
        doubtful(
            "Dead letters",
            f"{one['subscriber']} has given {one['count']} up, such as: {one['reason']}",
            "They are kept in the table infra_dead_letter.",
        )
        for one in letters
    ] or [good("Dead letters", "there are none")]


async def _told_by_what_fails(error: Exception) -> None:
    """The library would log every error beside raising it."""


async def _look_at_bus(engines: Engines) -> list[Finding]:
    try:
        client = await nats.connect(
            engines.nats_url, allow_reconnect=False, connect_timeout=ANSWERS_WITHIN_S, error_cb=_told_by_what_fails
        )
    except (NatsError, OSError, TimeoutError) as error:
        return [bad("Bus", f"NATS does not let hutong in: {error}", "Check the user and password in HUTONG_NATS_URL.")]
    try:
        account = await client.jetstream().account_info()
    except (NatsError, TimeoutError) as error:
        return [bad("Bus", f"NATS has no JetStream: {error or type(error).__name__}", "Switch it on (jetstream {}).")]
    finally:
        await client.close()
    version = client.connected_server_version
    name = f"{version.major}.{version.minor}.{version.patch}"
    return [good("Bus", f"NATS {name}, {account.streams} streams of {account.storage / 2**20:.0f} MiB")]
