"""What processes put aside goes with them, or with the next that starts where they were killed."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from hutong.infra.scratch import scratch_folder

AT_WORK = """
import asyncio, sys, tempfile
from pathlib import Path
from hutong.infra.scratch import scratch_folder

async def main():
    async with scratch_folder() as folder:
        Path(tempfile.mkdtemp(prefix="hutong-upload-"), "whole").write_bytes(bytes(1_000))
        print(folder, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def everybodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for such things, of this test alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def inside(folder: Path) -> set[Path]:
    return set(folder.iterdir())


async def at_work() -> tuple[Process, Path]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", AT_WORK, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    return process, Path((await process.stdout.readline()).decode().strip())


async def test_everything_is_put_into_one_folder_that_goes_at_the_end(everybodys: Path) -> None:
    async with scratch_folder() as folder:
        made = Path(tempfile.mkdtemp(prefix="hutong-upload-"))
        assert made.parent == folder
        assert folder.parent == everybodys
        assert folder.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)

    assert inside(everybodys) == set()
    assert Path(tempfile.mkdtemp()).parent == everybodys


async def test_what_a_killed_process_left_goes_with_the_next_and_others_keep_theirs(everybodys: Path) -> None:
    (killed, left), (living, kept) = await at_work(), await at_work()
    killed.kill()
    await killed.wait()
    assert (next(left.iterdir()) / "whole").exists()
    strangers = everybodys / "hutong-scratch-and-no-folder"
    strangers.write_text("a file")

    async with scratch_folder() as ours:
        assert not left.exists()
        assert (next(kept.iterdir()) / "whole").exists()
        assert inside(everybodys) == {kept, ours, strangers}

    living.kill()
    await living.wait()
    async with scratch_folder() as ours:
        assert inside(everybodys) == {ours, strangers}


async def test_many_who_start_at_once_do_not_take_each_others(everybodys: Path) -> None:
    started = await asyncio.gather(*[at_work() for _ in range(6)])
    try:
        assert all((next(folder.iterdir()) / "whole").exists() for _, folder in started)
        assert len({folder for _, folder in started}) == 6
    finally:
        for process, _ in started:
            process.kill()
            await process.wait()
