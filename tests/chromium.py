"""Finds a Chromium for the browser journeys, or installs one. ``python -m tests.chromium`` prints where it is.

Prints an empty line when there is none to be had, with a sentence on stderr; where ``CI=true`` that is a failure, so
that the journeys are never left out there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL_TIMEOUT_S = 600


def find_chromium(environment: Mapping[str, str]) -> str | None:
    """The browser named by ``HUTONG_CHROMIUM``, else the first on the path, else Playwright's own."""
    named = environment.get("HUTONG_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    for name in NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            return found
    return _find_playwrights(environment)


def install_chromium() -> None:
    """Debian's package where we are root and apt is there, else Playwright's build. Neither may be to be had."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ("apt-get", "-o", "Dpkg::Use-Pty=0", "-qq", "-y")
        without_questions = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _try((*apt, "update"), without_questions)
        if _try((*apt, "install", "--no-install-recommends", "chromium", "fonts-noto-cjk"), without_questions):
            return
    _try((sys.executable, "-m", "playwright", "install", "chromium"), dict(os.environ))


def main() -> int:
    chromium = find_chromium(os.environ)
    if chromium is None and not os.environ.get("HUTONG_CHROMIUM"):
        print("No Chromium here yet for the browser journeys; installing one.", file=sys.stderr)
        install_chromium()
        chromium = find_chromium(os.environ)
    print(chromium or "")
    if chromium is not None:
        return 0
    print(
        "The browser journeys are left out: no Chromium was found or could be installed. "
        "Install one, or name one in HUTONG_CHROMIUM.",
        file=sys.stderr,
    )
    return 1 if os.environ.get("CI") == "true" else 0


def _find_playwrights(environment: Mapping[str, str]) -> str | None:
    default = Path("~/Library/Caches/ms-playwright" if sys.platform == "darwin" else "~/.cache/ms-playwright")
    folder = Path(environment.get("PLAYWRIGHT_BROWSERS_PATH") or default).expanduser()
    for pattern in ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/Chromium.app/Contents/MacOS/Chromium"):
        found = sorted(folder.glob(pattern))
        if found:
            return str(found[-1])
    return None


def _try(command: tuple[str, ...], environment: Mapping[str, str]) -> bool:
    """Whether the command ended well. What it says goes to stderr: stdout is for the answer alone."""
    try:
        done = subprocess.run(command, env=environment, stdout=sys.stderr, timeout=INSTALL_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
