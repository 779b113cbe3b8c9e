"""``hutong import`` refuses what holds no conversation before anything is started."""

import sys
from pathlib import Path

import pytest

from hutong.cli import main


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an import would put what it brings."""
    monkeypatch.setenv("HUTONG_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What ``hutong import`` complains of; its exit code is 1."""
    monkeypatch.setattr(sys, "argv", ["hutong", "import", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "name", "complaint"),
    [
        ("irc", "lane.annotation.txt", "the log itself is missing"),
        ("irc", "nowhere.txt", "there is no such file."),
        ("irc", "folder", "it is a folder. Name the files in it."),
        ("telegram", "folder", "Telegram Desktop writes it where machine-readable JSON is chosen"),
    ],
)
def test_what_is_missing_is_told_in_a_sentence(
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: str,
    name: str,
    complaint: str,
) -> None:
    (tmp_path / "lane.annotation.txt").write_text("0 1 -\n")
    (tmp_path / "folder").mkdir()

    assert complaint in told(monkeypatch, capsys, source, str(tmp_path / name))
    assert not data.exists()
