"""Links to files: whoever changes anything of one has a link to nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.files import FileLink, FileLinks, read_link, sign_link

SECRET = b"s" * 32
LINKS = st.builds(
    FileLink,
    st.integers(1, 2**53 - 1),
    st.integers(1, 2**53 - 1),
    st.from_regex(r"[0-9A-Za-z_-]{8,64}", fullmatch=True),
    st.sampled_from(["original", "large", "small"]),
    st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@given(LINKS)
def test_a_link_says_what_was_signed(link: FileLink) -> None:
    found = read_link(sign_link(SECRET, link))
    assert found is not None
    assert found[0] == link
    assert found[1].is_of(SECRET)
    assert not found[1].is_of(b"t" * 32)


@given(LINKS, st.data())
def test_a_link_that_was_changed_is_sealed_by_nobody(link: FileLink, data: st.DataObject) -> None:
    token = sign_link(SECRET, link)
    at = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("AB").filter(lambda letter: letter != token[at]))
    found = read_link(token[:at] + other + token[at + 1 :])
    assert found is None or not found[1].is_of(SECRET)


@pytest.mark.parametrize("token", ["", "x", "a" * 20, "ä" * 30, "!" * 80, "A" * 400])
def test_what_is_no_link_is_none(token: str) -> None:
    assert read_link(token) is None


def test_the_address_of_a_link() -> None:
    now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    links = FileLinks("https://talk.example.org/", 10_009, SECRET, good_for_s=3_600, clock=lambda: now)
    url = links.url(80_001, "abcdefgh")
    assert url.startswith("https://talk.example.org/bridges/files/")
    found = read_link(url.rpartition("/")[2])
    assert found is not None
    assert (found[0].bot, found[0].chat, found[0].media, found[0].variant) == (10_009, 80_001, "abcdefgh", "original")
    assert 3_600 <= (found[0].expires_at - now).total_seconds() <= 3_601
