"""The doctor says what is wrong, and finds nothing wrong where nothing is."""

import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest

from hutong.cli.doctor import Finding, clock_finding, examine
from hutong.infra.db import Database
from hutong.infra.engines import start_engines
from hutong.infra.jobs import Task, bury
from hutong.infra.migrations import known_revisions, migrate
from hutong.settings import Settings

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


async def found(settings: Settings) -> dict[str, Finding]:
    """The last finding about each thing."""
    findings: AsyncIterator[Finding] = examine(settings)
    return {finding.what: finding async for finding in findings}


@pytest.fixture
def quiet(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, port=free_port())


async def test_a_sound_hutong_is_found_sound(quiet: Settings) -> None:
    findings = await found(quiet)

    assert {what for what, finding in findings.items() if finding.how == "bad"} == set()
    assert findings["Migrations"] == Finding("good", "Migrations", f"the database is at {known_revisions()[-1]}")
    assert findings["Address"].says == f"127.0.0.1, port {quiet.port} is free"
    assert findings["Bus"].says.startswith("NATS 2.")
    assert findings["Clock"].how == "good"
    # The database of the tests is in a hurry.
    assert findings["Database"].how == "doubtful"
    assert "fsync, synchronous_commit off" in findings["Database"].says


async def test_dead_letters_are_told_with_a_reason(quiet: Settings, database: Database) -> None:
    assert (await found(quiet))["Dead letters"].how == "good"
    async with database.transaction() as session:
        await bury(session, Task("chat-link-previews", 7, "chat.LinksSent", b"{}", 6), "RuntimeError: the ink is dry")
    finding = (await found(quiet))["Dead letters"]
    assert finding.how == "doubtful"
    assert finding.says == "chat-link-previews has given 1 up, such as: RuntimeError: the ink is dry"


async def test_missing_and_unknown_revisions_are_found(quiet: Settings, empty_database: str) -> None:
    settings = msgspec.structs.replace(quiet, database_url=empty_database)
    finding = (await found(settings))["Migrations"]
    assert (finding.how, finding.says) == ("doubtful", f"{', '.join(known_revisions())} are still to be applied")

    await migrate(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("UPDATE infra_revision SET version_num = '9999'")
    await connection.close()
    finding = (await found(settings))["Migrations"]
    assert finding.how == "bad"
    assert finding.says.startswith("The database is at revision 9999")


async def test_engines_that_do_not_answer_are_named_and_not_waited_for(quiet: Settings) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    settings = msgspec.structs.replace(
        quiet, database_url=f"postgresql://a:b@{nowhere}/hutong", nats_url=f"nats://{nowhere}"
    )
    findings = await found(settings)

    for name in ("HUTONG_DATABASE_URL", "HUTONG_NATS_URL"):
        assert findings[name].how == "bad"
        assert findings[name].says.startswith("127.0.0.1 does not answer: ")
    assert "Migrations" not in findings


async def test_a_wrong_password_is_found(quiet: Settings) -> None:
    right = urlsplit(quiet.database_url)
    wrong = right._replace(netloc="hutong:guessed@").geturl()
    finding = (await found(msgspec.structs.replace(quiet, database_url=wrong)))["HUTONG_DATABASE_URL"]
    assert finding.how == "bad"
    assert "password authentication failed" in finding.says

    bus = urlsplit(quiet.nats_url)
    wrong = bus._replace(netloc=f"hutong:guessed@127.0.0.1:{bus.port}").geturl()
    finding = (await found(msgspec.structs.replace(quiet, nats_url=wrong)))["Bus"]
    assert finding.how == "bad"
    assert "Authorization Violation" in finding.says


async def test_an_address_that_is_taken_is_found(quiet: Settings) -> None:
    with socket.create_server(("127.0.0.1", quiet.port)) as taken:
        taken.settimeout(0.1)
        finding = (await found(quiet))["Address"]
    assert finding.how == "bad"
    assert finding.says == f"127.0.0.1, port {quiet.port} cannot be listened on: Address already in use"


async def test_a_full_disk_is_found(quiet: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, how in ((2**20, "bad"), (2 * 2**30, "doubtful"), (2**40, "good")):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: shutil._ntuple_diskusage(2**41, 2**40, free))
        assert (await found(quiet))["Disk"].how == how


@pytest.mark.parametrize(
    ("off_s", "how", "says"),
    [(0.5, "good", "UTC"), (-3, "bad", "3.0 s behind this machine's"), (60, "bad", "60.0 s ahead of this machine's")],
)
def test_a_clock_that_is_off_is_found(off_s: float, how: str, says: str) -> None:
    finding = clock_finding(NOW + timedelta(seconds=off_s), NOW.timestamp(), NOW.timestamp())
    assert finding.how == how
    assert says in finding.says


async def test_engines_that_cannot_start_are_found(data_folder: Path) -> None:
    settings = Settings(data=data_folder, port=free_port())
    assert (await found(settings))["Engines"].says == "nothing was started here yet; hutong serve makes them"
    engines = await start_engines(settings, lambda sentence: None)
    try:
        assert str((await found(settings))["Data folder"].says).startswith(f"{data_folder}, used by process ")
    finally:
        await engines.stop()
    (data_folder / "postgresql.conf").write_text("shared_buffers = 'plenty'\n")
    (data_folder / "postgresql.conf").chmod(0o644)
    finding = (await found(settings))["Engines"]
    assert finding.how == "bad"
    assert finding.says.startswith("PostgreSQL did not start: ")


def test_the_exit_code_says_whether_something_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["doctor", "--data", str(tmp_path / "data"), "--port", str(taken.getsockname()[1])]
        taken.settimeout(0.1)
        wrong = subprocess.run([sys.executable, "-m", "hutong", *words], capture_output=True, text=True, check=False)
    right = subprocess.run([sys.executable, "-m", "hutong", *words], capture_output=True, text=True, check=False)

    assert (wrong.returncode, right.returncode) == (1, 0), wrong.stderr + right.stderr
    assert wrong.stdout.splitlines()[-1].startswith("1 of ")
    assert right.stdout.splitlines()[-1] == "Nothing keeps hutong from working."
