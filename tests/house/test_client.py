"""The web client has rings: wire talks, state decides, views show. An inner one never imports an outer one."""

import posixpath
import re
from collections.abc import Iterator

import pytest

from hutong.domains.openplatform.quotas import METHODS

from .source import Source, broken, catches, read, sources

MAY_IMPORT = {
    "wire": {"wire"},
    "i18n": {"i18n"},
    "state": {"state", "wire", "i18n"},
    "ui": {"ui", "i18n"},
    "views": {"views", "ui", "state", "wire", "i18n"},
}
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def reaches_outwards(source: Source) -> Iterator[tuple[int, str]]:
    """Looks at relative imports, those of types too; files outside of the rings put everything together."""
    ring = source.path.split("/")[2]
    for number, line in enumerate(source.lines, start=1):
        for target in IMPORT.findall(line):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), target)).split("/")
            there = path[2] if len(path) > 2 and path[:2] == ["web", "src"] else ""
            if ring in MAY_IMPORT and there in MAY_IMPORT and there not in MAY_IMPORT[ring]:
                yield number, f"{ring} imports {there}"


def test_no_ring_reaches_outwards() -> None:
    assert broken(reaches_outwards, sources("web/src/", endings=(".ts", ".svelte"))) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("wire/socket.ts", 'import { rooms } from "../state/rooms";'),
        ("state/rooms.ts", 'import Chat from "../views/chat/Chat.svelte";'),
        ("state/deep/rooms.ts", 'const page = await import("../../views/chat/Chat.svelte");'),
        ("ui/Button.svelte", 'import { rooms } from "../state/rooms";'),
    ],
)
def test_a_ring_that_reaches_outwards_is_caught(path: str, text: str) -> None:
    assert catches(reaches_outwards, text, f"web/src/{path}")


def test_reaching_inwards_passes() -> None:
    assert not catches(reaches_outwards, 'import { rooms } from "../../state/rooms";', "web/src/views/chat/Chat.svelte")
    assert not catches(reaches_outwards, 'import App from "./App.svelte";', "web/src/main.ts")


def test_what_bots_may_call_is_told_in_words() -> None:
    told = set(re.findall(r'"method\.(\w+)"', read("web/src/i18n/zh/methods.ts").text))
    assert told == set(METHODS)
