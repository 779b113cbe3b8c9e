"""What a process of the darkroom may do: nothing that whoever runs hutong may, beyond the one file it was lent."""

import asyncio
import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from hutong.infra.darkroom import Darkroom
from hutong.infra.darkroom.lending import lend, stranger, take_back
from tests.files import png

from .test_darkroom import children, developed, order_for, own_darkroom, stuck_order, until

IS_ROOT = os.geteuid() == 0


def standing(pid: int) -> dict[str, list[str]]:
    """What Linux says of a process: whose it is, real and effective, and what it may become."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


async def test_root_gives_up_its_rights_before_a_file_is_opened(data_folder: Path) -> None:
    """An ordinary user has none to give up, and goes on as himself."""
    before = children()
    darkroom = await own_darkroom(darkroom_processes_max=2)
    try:
        stuck = [asyncio.create_task(darkroom.develop(stuck_order(data_folder / name))) for name in ("a", "b")]
        await until(lambda: len(children() - before) == 2)
        await until(lambda: all(standing(pid)["NoNewPrivs"] == ["1"] for pid in children() - before))

        found = [standing(pid) for pid in children() - before]
        users = {user for each in found for user in each["Uid"]}
        if IS_ROOT:
            assert len(users) == 2
            assert users == {group for each in found for group in each["Gid"]}
            assert {each["CapEff"][0].strip("0") for each in found} == {""}
            assert [each["Groups"] for each in found] == [[], []]
            assert users.isdisjoint(str(user.pw_uid) for user in pwd.getpwall())
        else:
            assert users == {str(os.geteuid())}
    finally:
        await darkroom.close()
    await asyncio.gather(*stuck, return_exceptions=True)


async def test_what_was_looked_at_is_the_servers_again(darkroom: Darkroom, data_folder: Path) -> None:
    await developed(darkroom, data_folder / "looked at", png())

    folder = (data_folder / "looked at").stat()
    assert (folder.st_uid, folder.st_mode & 0o777) == (os.geteuid(), 0o700 if IS_ROOT else 0o755)


def test_a_link_to_what_is_somebody_elses_is_not_read(data_folder: Path) -> None:
    """A process that a file has taken over may put whatever it likes into its folder; root would follow it."""
    if not IS_ROOT:
        assert stranger() is None
        return
    number = stranger()
    assert number is not None
    order = order_for(data_folder / "lent", png())
    secret = data_folder / "secret"
    secret.write_text("engines.json")
    original = data_folder / "lent" / "original"

    def left(leave: Callable[[], object]) -> bool:
        original.unlink(missing_ok=True)
        lend(order, number)
        leave()
        return take_back(order, number)

    assert not left(lambda: original.symlink_to(secret))
    assert not left(lambda: original.symlink_to(data_folder / "nowhere"))
    assert not left(lambda: original.hardlink_to(secret))
    assert not left(lambda: os.mkfifo(original))
    assert left(lambda: original.hardlink_to(order.path))


DESERTED = """
import asyncio, sys
from hutong.infra.darkroom import Darkroom, Order
from hutong.settings import Limits

order = Order(sys.argv[1] + "/whole", sys.argv[1], "show", 1, 1, 1, 1)
asyncio.run(Darkroom(Limits()).develop(order))
"""


async def test_a_file_that_takes_too_long_does_not_outlive_a_killed_server(data_folder: Path) -> None:
    folder = stuck_order(data_folder / "stuck").folder
    # What it leaves behind goes with the test's folder.
    environment = os.environ | {"TMPDIR": str(data_folder)}
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", DESERTED, folder, env=environment)
    await until(lambda: bool(psutil.Process(server.pid).children()))
    (child,) = psutil.Process(server.pid).children()
    await until(lambda: standing(child.pid)["NoNewPrivs"] == ["1"])
    await asyncio.sleep(0.2)

    server.kill()
    await server.wait()

    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
