"""Drives the demo in a browser and writes the README's pictures. ``make pictures`` calls it.

The demo gets a data folder of its own, so the same people say the same things in every run; only the times differ.
Where no font has coloured faces, reactions are empty boxes: look before you commit.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hutong.cli.demo.seed import PASSWORD

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SIZES = {"phone": (390, 844), "desk": (1440, 900)}


@dataclass(frozen=True)
class Picture:
    """One file: who looks, on what, and at which place. ``{chat}`` is the person's newest group of that language."""

    name: str
    person: str
    size: Literal["phone", "desk"]
    language: Literal["zh-CN", "en-GB"]
    scheme: Literal["light", "dark"]
    place: str


PICTURES = (
    Picture("phone-list", "guxiao", "phone", "zh-CN", "light", "/"),
    Picture("phone-talk", "guxiao", "phone", "zh-CN", "light", "/chats/{chat}"),
    Picture("phone-talk-dark", "emma", "phone", "en-GB", "dark", "/chats/{chat}"),
    Picture("desk-light", "zhixia", "desk", "zh-CN", "light", "/chats/{chat}/about"),
    Picture("desk-dark", "emma", "desk", "en-GB", "dark", "/chats/{chat}/about"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with the_demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["HUTONG_CHROMIUM"], args=["--no-sandbox"])
        for picture in PICTURES:
            take(browser, address, picture)
            print(f"docs/pictures/{picture.name}.png")


@contextmanager
def the_demo() -> Iterator[str]:
    """A demo of its own, for as long as the pictures are taken; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    folder = Path(tempfile.mkdtemp(prefix="hutong-pictures-"))
    folder.chmod(0o755)  # The database's own user must be able to walk in.
    command = [sys.executable, "-m", "hutong", "demo", "--data", str(folder / "data"), "--port", port]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in running.stdout or ():
            print(line, end="")
            if line.startswith("Ctrl-C"):
                break
        else:
            raise SystemExit("The demo ended before it was up.")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def take(browser: Browser, address: str, picture: Picture) -> None:
    width, height = SIZES[picture.size]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if picture.size == "phone" else 1,
        locale=picture.language,
        timezone_id="Asia/Shanghai",
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        is_mobile=picture.size == "phone",
        has_touch=picture.size == "phone",
        service_workers="block",
    )
    try:
        page = context.new_page()
        page.goto(picture.place.format(chat=first_group(context, picture)))
        settle(page)
        page.screenshot(path=FOLDER / f"{picture.name}.png")
    finally:
        context.close()


def first_group(context: BrowserContext, picture: Picture) -> int:
    """Signs the person in, and finds the first group of the list whose name is in the picture's language."""
    answer = context.request.post("/api/v1/sessions", data={"login": picture.person, "password": PASSWORD})
    assert answer.ok, answer.text()
    rows = context.request.get("/api/v1/chats").json()["items"]
    english = picture.language == "en-GB"
    return next(int(row["chat"]) for row in rows if row["kind"] == "group" and row["name"].isascii() == english)


def settle(page: Page) -> None:
    """Waits until what is shown is what stays: everything loaded, nothing in its place-holding shape."""
    page.wait_for_load_state("networkidle")
    page.locator("[aria-busy=true]").first.wait_for(state="detached")
    page.wait_for_timeout(800)


if __name__ == "__main__":
    main()
