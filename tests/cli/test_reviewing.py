"""``hutong admin`` for the directory of apps: what waits is shown and decided on, rolled back, offered to groups."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hutong.cli import app as command_line
from hutong.kit.errors import HutongError
from hutong.settings import Settings
from tests.cast import Cast
from tests.domains.directory.conftest import Robot, chat, draft, install, robot, shelf, submit
from tests.files import png, send_file

__all__ = ["chat", "robot"]

Run = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``hutong admin …`` on the test's own database and returns the lines that it prints."""
    monkeypatch.setenv("HUTONG_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("HUTONG_NATS_URL", settings.nats_url)
    monkeypatch.setenv("HUTONG_DATA", str(settings.data))

    async def admin(*words: str) -> list[str]:
        capsys.readouterr()
        await asyncio.to_thread(command_line, ["admin", *words], exit_on_error=False, result_action="return_value")
        return capsys.readouterr().out.splitlines()

    return admin


async def test_what_waits_is_shown_with_what_it_changes_and_approved_as_it_was_seen(
    run: Run, cast: Cast, robot: Robot, tmp_path: Path
) -> None:
    assert await run("submissions") == ["Nothing is waiting."]
    number = str(robot.app)
    await submit(cast.alice, robot.app, await draft(cast.alice, robot.app))
    [line] = await run("submissions")
    assert line.startswith(f"{number}  version 1  2026-11-23T06:00:00.000Z  Library card: Tells what is lent")
    shown = await run("submission", number)
    assert shown[:4] == [
        f"App {number}, version 1, by account {cast.alice.number}; the app is sandbox",
        f"bots: Librarian ({robot.number}, in 0 conversations)",
        "name: Library card",
        "tagline: Tells what is lent and until when",
    ]
    assert "scopes: read_mentions, send" in shown
    assert "Nothing of this app is live yet." in shown
    words = shown[-2].split()[2:]
    assert words[:3] == ["approve-version", number, "1"]
    assert await run(*words) == [f"Version 1 of the app {number} is live now"]
    assert await shelf(cast.bob) == [robot.app]

    icon = await send_file(cast.alice.http, png(), purpose="avatar")
    await submit(cast.alice, robot.app, await draft(cast.alice, robot.app, name="Lending desk", icon=icon))
    shown = await run("submission", number, "--pictures", str(tmp_path / "seen"))
    at = shown.index("Against version 1, which is live:")
    assert shown[at + 1 : at + 5] == ["- name: Library card", "+ name: Lending desk", "- icon: ", f"+ icon: {icon}"]
    assert shown[-1] == f"wrote {tmp_path / 'seen' / 'icon.webp'}"
    assert (tmp_path / "seen" / "icon.webp").read_bytes()[8:12] == b"WEBP"
    with pytest.raises(HutongError, match="was changed since it was looked at"):
        await run("approve-version", number, "2", "--seen", "00000000")
    assert [one["name"] for one in (await cast.bob.http.get("directory")).json()["items"]] == ["Library card"]


async def test_no_line_of_a_developers_words_looks_like_one_of_ours(run: Run, cast: Cast, robot: Robot) -> None:
    number = str(robot.app)
    ours = ["+ scopes: send", "", f"hutong admin approve-version {number} 2", "Nothing is different."]
    words = {"about": "\n".join(["Knows books.", *ours]), "news": "\u2028".join(["New.", *ours])}
    await submit(cast.alice, robot.app, await draft(cast.alice, robot.app, **words))
    await run("approve-version", number, "1")
    other = {name: text.replace("books", "every book").replace("New", "Newer") for name, text in words.items()}
    await submit(cast.alice, robot.app, await draft(cast.alice, robot.app, **other))
    shown = await run("submission", number)
    assert "- about: Knows books." in shown
    assert "+ about: Knows every book." in shown
    assert shown.count("    + scopes: send") == 6
    assert [line for line in shown if line.startswith(("hutong", "+ scopes", "Nothing"))] == shown[-2:]


async def test_a_version_is_turned_away_with_reasons(run: Run, cast: Cast, robot: Robot) -> None:
    number = str(robot.app)
    await submit(cast.alice, robot.app, await draft(cast.alice, robot.app))
    with pytest.raises(HutongError, match="why the version is rejected"):
        await run("reject-version", number, "1", " ")
    said = await run("reject-version", number, "1", "The icon is somebody else's.")
    assert said == [f"Version 1 of the app {number} is turned away"]
    [version] = (await cast.alice.http.get(f"apps/{number}/versions")).json()
    assert (version["state"], version["reasons"]) == ("rejected", "The icon is somebody else's.")
    for words in (("approve-version", number, "1"), ("reject-version", number, "1", "Again")):
        with pytest.raises(HutongError, match="does not wait"):
            await run(*words)
    with pytest.raises(HutongError, match="no such version"):
        await run("submission", number)
    with pytest.raises(HutongError, match="no such app"):
        await run("submission", "99999")


async def test_whoever_runs_the_hutong_rolls_back_and_takes_ratings_away(
    run: Run, cast: Cast, robot: Robot, chat: int
) -> None:
    number = str(robot.app)
    await install(cast.alice, chat, robot, "send")
    for name in ("Old name", "New name"):
        version = await draft(cast.alice, robot.app, name=name)
        await submit(cast.alice, robot.app, version)
        await run("approve-version", number, str(version))
    assert await run("roll-back", number, "1") == [f"Version 1 of the app {number} is live now"]
    assert (await cast.bob.http.get(f"directory/{number}")).json()["name"] == "Old name"
    (await cast.bob.http.put(f"directory/{number}/ratings/me", json={"stars": 1})).raise_for_status()
    assert await run("drop-rating", number, str(cast.bob.number)) == [
        f"What {cast.bob.number} said of the app {number} is gone"
    ]
    assert (await cast.bob.http.get(f"directory/{number}")).json()["ratings"] == 0
    # The word on an app as a whole still stands above all of that.
    await run("app", number, "suspended")
    assert await shelf(cast.bob) == []


async def test_a_grant_is_begun_listed_and_ended(run: Run, cast: Cast, robot: Robot, chat: int) -> None:
    number = str(robot.app)
    assert await run("grants") == ["There are no grants."]
    with pytest.raises(HutongError, match="not in the directory"):
        await run("grant", number, "--showings", "10", "--days", "3")
    await submit(cast.alice, robot.app, await draft(cast.alice, robot.app))
    await run("approve-version", number, "1")
    with pytest.raises(HutongError, match="showings"):
        await run("grant", number, "--showings", "0", "--days", "3")
    words = ("--showings", "10", "--days", "3", "--kind", "interest", "--kind", "mixed", "--members", "2")
    assert await run("grant", number, *words) == [
        f"The app {number} is put in front of groups for 3 days, 10 times at most"
    ]
    assert len((await cast.alice.http.get(f"chats/{chat}/offers")).json()) == 1
    first, counts, day = await run("grants")
    assert first.startswith(f"{number}  Library card  until ")
    assert first.endswith("  interest, mixed of 2 members and more")
    assert counts == "    1 of 10 shown, 0 opened, 0 installed"
    assert day == "    2026-11-23: 1 shown, 0 opened, 0 installed"
    assert await run("end-grant", number) == [f"The grant of the app {number} is over"]
    assert (await run("grants"))[0].startswith(f"{number}  Library card  over")
    with pytest.raises(HutongError, match="no grant"):
        await run("end-grant", number)
