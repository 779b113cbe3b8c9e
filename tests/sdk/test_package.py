"""The SDK is a package of its own: small, typed, complete, and short to begin with."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

SDK = Path(__file__).parent.parent.parent / "sdk"


def build(target: Path) -> Path:
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(SDK)]
    subprocess.run(words, check=True, capture_output=True)
    (wheel,) = target.glob("*.whl")
    return wheel


def test_the_wheel_has_everything_and_asks_for_two_packages(tmp_path: Path) -> None:
    wheel = build(tmp_path)
    with zipfile.ZipFile(wheel) as packed:
        modules = {name for name in packed.namelist() if name.startswith("hutong_sdk/")}
        (about,) = [name for name in packed.namelist() if name.endswith("/METADATA")]
        wanted = re.findall(r"^Requires-Dist: ([a-z]+)", packed.read(about).decode(), re.MULTILINE)
    ours = {f"hutong_sdk/{path.name}" for path in (SDK / "src" / "hutong_sdk").iterdir() if path.is_file()}
    assert modules == ours
    assert "hutong_sdk/py.typed" in modules
    assert wanted == ["aiohttp", "msgspec"]
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); import hutong_sdk; print(hutong_sdk.__file__)"
    loaded = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.startswith(str(wheel))


def test_the_first_bot_is_ten_lines() -> None:
    lines = first_bot().splitlines()
    assert len([line for line in lines if line]) <= 10


def first_bot() -> str:
    """The first program in the README."""
    found = re.search(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1]
