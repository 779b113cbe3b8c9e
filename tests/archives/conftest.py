"""Exports made for the tests, to the shape of real ones; and the real ones, where they lie beside the project."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("HUTONG_SHARED", Path(__file__).parents[3] / "shared")) / "data"

MakeSlack = Callable[..., Path]
MakeTelegram = Callable[..., Path]


def real(folder: str, pattern: str) -> list[Path]:
    """Real exports that nobody here wrote; none where the folder is not there."""
    return sorted(path for path in (SHARED / folder).glob(pattern) if "annotation" not in path.name)


@pytest.fixture
def make_slack(tmp_path: Path) -> MakeSlack:
    """Writes a Slack export with one channel and the entries given."""

    def make(*entries: dict[str, Any], name: str = "lane", **files: str) -> Path:
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as export:
            export.writestr(
                "users.json",
                json.dumps(
                    [
                        {"id": "U1", "name": "ann", "profile": {"display_name": "Ann"}},
                        {"id": "U2", "name": "ben", "profile": {"real_name": "Ben Real"}},
                    ]
                ),
            )
            export.writestr("channels.json", json.dumps([{"id": "C1", "name": name, "members": ["U1", "U2"]}]))
            export.writestr(f"{name}/2026-01-02.json", json.dumps(entries))
            for file, content in files.items():
                export.writestr(f"{name}/{file}.json", content)
        return path

    return make


@pytest.fixture
def make_telegram(tmp_path: Path) -> MakeTelegram:
    """Writes a ``result.json`` of one chat, into a folder of its own."""

    def make(*messages: dict[str, Any], **chat: Any) -> Path:
        path = tmp_path / "telegram" / "result.json"
        path.parent.mkdir(exist_ok=True)
        whole = {"name": "Lane", "type": "private_group", "id": 77, **chat, "messages": messages}
        path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
        return path

    return make
