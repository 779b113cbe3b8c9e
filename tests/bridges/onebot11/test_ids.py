"""Numbers of messages: one for each place in a conversation, and back."""

from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.onebot11.ids import chat_and_seq, file_name, message_id, read_file_name

CHATS = st.integers(80_001, 2**40)
SEQS = st.integers(1, 2**31)


@given(CHATS, SEQS)
def test_a_number_leads_back_to_its_message(chat: int, seq: int) -> None:
    assert chat_and_seq(message_id(chat, seq)) == (chat, seq)


@given(st.integers(0, 2**53))
def test_a_number_is_of_one_message_or_of_none(number: int) -> None:
    place = chat_and_seq(number)
    assert place is None or message_id(*place) == number


@given(st.integers(80_001, 126_340), st.integers(1, 46_340))
def test_numbers_of_a_small_site_have_32_bits(chat: int, seq: int) -> None:
    assert 0 < message_id(chat, seq) < 2**31


def test_what_is_no_message_of_ours_has_no_place() -> None:
    assert [chat_and_seq(number) for number in (-5, 0, 1, 2)] == [None, None, None, None]


@given(CHATS, SEQS, st.from_regex(r"[0-9A-Za-z_-]{8,64}", fullmatch=True))
def test_the_name_of_a_received_file_leads_back_to_it(chat: int, seq: int, media: str) -> None:
    assert read_file_name(file_name(chat, seq, media, "image")) == (chat, seq, media)


def test_another_name_is_no_received_file() -> None:
    assert [read_file_name(name) for name in ("cat.jpg", "https://x.example/1-2-abcdefgh", "1-2-short")] == [None] * 3
