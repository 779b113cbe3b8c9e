"""The machine: its cores, its processes' CPU and memory, and the tools in C that are built at bench time."""

import atexit
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psutil

HERE = Path(__file__).parent
SERVER_CORE = 0
OTHER_CORE = 1


@cache
def tool(name: str) -> Path:
    """The compiled ``<name>.c`` of this folder."""
    folder = tempfile.mkdtemp(prefix="hutong-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    target = Path(folder) / name
    subprocess.run(["cc", "-O2", "-o", str(target), str(HERE / f"{name}.c")], check=True)
    return target


def pin(pid: int, core: int) -> None:
    """Keeps every thread of a process on one core; its later children inherit that."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of these processes so far; one that has ended counts nothing."""
    total = 0.0
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def busy_seconds() -> float:
    """What all cores together have worked so far, for anybody (this machine's host included, where it took time)."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def private_bytes(pid: int) -> int:
    """Memory that is this process's own (not shared with its forebears or siblings)."""
    return int(psutil.Process(pid).memory_full_info().uss)


def described() -> dict[str, str | int]:
    """The machine in neutral words, for the table."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return {
        "cores": os.cpu_count() or 1,
        "cpu": model,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "virtual": "hypervisor" in Path("/proc/cpuinfo").read_text(),
    }
