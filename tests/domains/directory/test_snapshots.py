"""What whoever looks at a version is shown: every difference, and a fingerprint of what was looked at."""

from typing import Any

import msgspec
import pytest

from hutong.domains.directory.snapshots import Difference, Snapshot, differences, fingerprint

PLAIN = Snapshot(
    name="Library card",
    tagline="Tells what is lent",
    about="",
    category="study",
    icon=None,
    screenshots=(),
    scopes=("send",),
    mini_app="",
    news="",
)


def test_of_a_first_version_everything_is_new() -> None:
    assert differences(None, PLAIN) == [
        Difference("name", "", "Library card"),
        Difference("tagline", "", "Tells what is lent"),
        Difference("category", "", "study"),
        Difference("scopes", "", "send"),
    ]


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ({"name": "Card"}, "Library card", "Card"),
        ({"tagline": ""}, "Tells what is lent", ""),
        ({"about": "All of it"}, "", "All of it"),
        ({"category": "games"}, "study", "games"),
        ({"icon": "i1"}, "", "i1"),
        ({"screenshots": ("s1", "s2")}, "", "s1, s2"),
        ({"scopes": ("send", "moderate")}, "send", "send, moderate"),
        ({"mini_app": "https://x.example/"}, "", "https://x.example/"),
        ({"news": "Faster"}, "", "Faster"),
    ],
)
def test_each_difference_is_told_and_changes_the_fingerprint(change: dict[str, Any], before: str, after: str) -> None:
    changed = msgspec.structs.replace(PLAIN, **change)
    assert differences(PLAIN, changed) == [Difference(next(iter(change)), before, after)]
    assert fingerprint(changed) != fingerprint(PLAIN)
    # Nobody finds another version that has the same one.
    assert len(fingerprint(changed)) == 32
    assert fingerprint(msgspec.structs.replace(PLAIN)) == fingerprint(PLAIN)
