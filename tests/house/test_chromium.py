"""The browser journeys run wherever a Chromium can be found, and are never left out silently."""

from pathlib import Path

import pytest

from tests import chromium


def _program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_named_one_wins(tmp_path: Path) -> None:
    _program(tmp_path / "bin" / "chromium")
    named = _program(tmp_path / "mine")
    assert chromium.find_chromium({"HUTONG_CHROMIUM": named, "PATH": str(tmp_path / "bin")}) == named


def test_a_named_one_that_is_missing_is_not_replaced_by_another(tmp_path: Path) -> None:
    _program(tmp_path / "bin" / "chromium")
    assert chromium.find_chromium({"HUTONG_CHROMIUM": "/nowhere", "PATH": str(tmp_path / "bin")}) is None


def test_the_path_is_searched_and_then_playwrights_folder(tmp_path: Path) -> None:
    own = _program(tmp_path / "own" / "chromium-1187" / "chrome-linux" / "chrome")
    environment = {"PATH": str(tmp_path / "bin"), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "own")}
    assert chromium.find_chromium(environment) == own
    on_path = _program(tmp_path / "bin" / "google-chrome")
    assert chromium.find_chromium(environment) == on_path


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_none_at_all_is_said_and_fails_only_in_ci(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, status: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("HUTONG_CHROMIUM", "/nowhere")
    assert chromium.main() == status
    said = capsys.readouterr()
    assert said.out == "\n"
    assert "journeys are left out" in said.err
