"""Every line and entry of an export is accounted for, and a broken one is refused by name."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hutong.archives import Archive, BrokenArchive, NothingSaid, read_irc, read_slack, read_telegram
from hutong.archives.shape import Mentioned
from hutong.archives.slack_text import emoji_for, read_text, without_secrets
from hutong.domains.chat import Text

from .conftest import MakeSlack, MakeTelegram, real

LOG = """lane 2018-05-29 [21:20:37] <ann> good evening
lane 2018-05-29 [21:20:41] <@Ben>\t ann: evening, \x0304red\x03 words
lane 2018-05-29 === ben is now known as benny
lane 2018-05-29 [21:21:00] * ann waves
lane 2018-05-29 [21:21:00] <ann> same words
lane 2018-05-29 [21:21:00] <ann> same words

"""


def said(archive: Archive) -> list[str]:
    texts = []
    for message in archive.chats[0].messages:
        words = [part.text if isinstance(part, Text) else f"@{part.name}" for part in message.parts]
        texts.append("".join(words))
    return texts


def test_a_log_gives_messages_mentions_and_an_account_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "lane.ascii.txt"
    path.write_text(LOG, encoding="utf-8")

    archive = read_irc([path])

    (chat,) = archive.chats
    assert chat.name == "#lane"
    assert chat.people == {"ann": "ann", "ben": "Ben"}
    assert said(archive) == ["good evening", "@ann evening, red words", "* ann waves", "same words", "same words"]
    assert chat.messages[0].at == datetime(2018, 5, 29, 21, 20, 37, tzinfo=UTC)
    assert len({message.key for message in chat.messages}) == 5
    assert archive.tally.sentence() == "read 7 = carried 5 + skipped 2 (changes of nick 1, empty lines 1)"


def test_a_log_without_dates_takes_the_day_from_its_name_and_passes_midnight(tmp_path: Path) -> None:
    path = tmp_path / "lane.2017-03-23.raw.txt"
    path.write_text("[23:59] <ann> late\n=== ben has joined #lane\n[00:01] <ben> early\n", encoding="utf-8")

    (chat,) = read_irc([path]).chats

    assert [message.at for message in chat.messages] == [
        datetime(2017, 3, 23, 23, 59, tzinfo=UTC),
        datetime(2017, 3, 24, 0, 1, tzinfo=UTC),
    ]


def test_annotations_beside_a_log_become_replies(tmp_path: Path) -> None:
    (tmp_path / "lane.ascii.txt").write_text(LOG, encoding="utf-8")
    (tmp_path / "lane.annotation.txt").write_text("0 0 -\n0 1 -\n0 3 -\n1 3 -\n2 4 -\n")

    (chat,) = read_irc([tmp_path / "lane.ascii.txt"]).chats

    first, second, wave, same, _ = chat.messages
    assert (second.reply_to, wave.reply_to, same.reply_to) == (first.key, second.key, None)


@pytest.mark.parametrize("line", ["once upon a time", "lane 2018-05-29 [27:00] <ann> hm", "[21:20] <ann> which day?"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "lane.txt"
    path.write_text(f"lane 2018-05-29 [21:20:37] <ann> hi\n{line}\n", encoding="utf-8")
    with pytest.raises(BrokenArchive, match=r"lane.txt, line 2: .* Nothing was imported."):
        read_irc([path])


def test_notes_without_their_log_are_refused_with_the_name_of_the_log(tmp_path: Path) -> None:
    notes = tmp_path / "lane.annotation.txt"
    notes.write_text("0 1 -\n")
    with pytest.raises(NothingSaid, match=r"lane\.annotation\.txt: .* the log itself is missing.*lane\.ascii\.txt"):
        read_irc([notes])

    (tmp_path / "lane.ascii.txt").write_text(LOG, encoding="utf-8")
    assert read_irc([notes, tmp_path / "lane.ascii.txt"]).chats[0].messages[1].reply_to is not None


def test_a_log_in_which_nobody_speaks_is_refused_with_an_account_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "lane.txt"
    path.write_text("lane 2018-05-29 [21:20:37] === ben has joined #lane\n\n")
    with pytest.raises(NothingSaid, match=r"read 2 = carried 0 \+ skipped 2 \(empty lines 1, joins and leaves 1\)"):
        read_irc([path])


def test_an_export_of_slack_without_its_folders_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lane.zip"
    with zipfile.ZipFile(path, "w") as export:
        export.writestr("users.json", json.dumps([{"id": "U1", "name": "ann"}]))
        export.writestr("channels.json", json.dumps([{"id": "C1", "name": "lane"}]))
    with pytest.raises(NothingSaid, match=r"lane\.zip: .* the folders of the channels are missing"):
        read_slack([path])


def test_an_export_of_telegram_without_messages_is_refused(make_telegram: MakeTelegram) -> None:
    with pytest.raises(NothingSaid, match=r"result\.json: its lists of messages are empty"):
        read_telegram([make_telegram()])


def test_slack_entries_become_messages_with_threads_reactions_and_files(make_slack: MakeSlack) -> None:
    archive = read_slack(
        [
            make_slack(
                {"type": "message", "user": "U1", "text": "hi <@U2> &amp; all :smile:", "ts": "1700000000.000100"},
                {
                    "type": "message", "user": "U2", "text": "yes", "ts": "1700000001.000200",
                    "thread_ts": "1700000000.000100", "reactions": [{"name": "thumbsup::skin-tone-2", "users": ["U1"]}],
                },
                {"type": "message", "subtype": "channel_join", "user": "U2", "text": "in", "ts": "1700000002.0"},
                {
                    "type": "message", "user": "U1", "text": "", "ts": "1700000003.0",
                    "files": [{"name": "plan.pdf", "url_private": "https://files.example/plan.pdf?t=xoxe-12345678901"}],
                },
                {"type": "message", "user": "U1", "text": "", "ts": "1700000004.0"},
                {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "deploy", "text": "done",
                 "ts": "1700000005.0"},
            )
        ]
    )  # fmt: skip

    (chat,) = archive.chats
    assert chat.people == {"U1": "Ann", "U2": "Ben Real", "B1": "deploy"}
    assert said(archive) == ["hi @Ben Real & all 😄", "yes", "📎 plan.pdf", "done"]
    assert chat.messages[0].parts[1] == Mentioned("U2", "Ben Real")
    assert chat.messages[1].reply_to == chat.messages[0].key
    assert chat.messages[1].reactions == [("👍", ["U1"])]
    assert archive.tally.sentence() == "read 6 = carried 4 + skipped 2 (empty messages 1, joins and leaves 1)"
    assert archive.tally.notes == {"files that Slack only links to, named and not fetched": 1}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"type": "message", "user": "U1", "text": "when?"}, "2026-01-02.json, entry 2: it has no time"),
        ({"type": "message", "user": "U1", "text": "when?", "ts": "soon"}, "2026-01-02.json, entry 2: it has no time"),
    ],
)
def test_an_entry_of_slack_that_is_broken_is_named(
    make_slack: MakeSlack, entry: dict[str, object], complaint: str
) -> None:
    good = {"type": "message", "user": "U1", "text": "hi", "ts": "1700000000.000100"}
    with pytest.raises(BrokenArchive, match=complaint):
        read_slack([make_slack(good, entry)])


def test_a_file_of_slack_that_is_no_list_or_a_zip_that_is_cut_is_named(make_slack: MakeSlack, tmp_path: Path) -> None:
    with pytest.raises(BrokenArchive, match=r"lane/2026-01-03\.json"):
        read_slack([make_slack(**{"2026-01-03": "{nonsense"})])
    cut = tmp_path / "cut.zip"
    cut.write_bytes(make_slack().read_bytes()[:200])
    with pytest.raises(BrokenArchive, match=r"cut\.zip, as a whole: it is not a whole zip"):
        read_slack([cut])


def test_secrets_in_addresses_are_dropped_and_the_rest_stays() -> None:
    assert without_secrets("https://a.example/f?t=xoxe-1-2&page=3") == "https://a.example/f?page=3"
    assert without_secrets("https://a.example/f?page=3#x") == "https://a.example/f?page=3#x"
    (part,) = read_text("token xoxb-123456789012-abcdef", {})
    assert isinstance(part, Text)
    assert "xoxb" not in part.text
    assert emoji_for("house_party_parrot") == ":house_party_parrot:"


def test_telegram_messages_keep_their_replies_entities_and_named_reactions(make_telegram: MakeTelegram) -> None:
    archive = read_telegram(
        [
            make_telegram(
                {"id": 1, "type": "message", "date_unixtime": "1544006350", "from": "Ann", "from_id": "user1",
                 "text": "hi"},
                {
                    "id": 2, "type": "message", "date_unixtime": "1544006351", "from": None, "from_id": "user2",
                    "reply_to_message_id": 1,
                    "text": ["see ", {"type": "text_link", "text": "this", "href": "https://a.example"}],
                    "reactions": [{"emoji": "👍", "count": 3, "recent": [{"from": "Ann", "from_id": "user1"}]}],
                },
                {"id": 3, "type": "service", "action": "pin_message", "date_unixtime": "1544006352", "text": ""},
                {"id": 4, "type": "message", "date": "2018-12-05T10:00:00", "from": "Ann", "from_id": "user1",
                 "photo": "(File not included. Change data exporting settings to download.)", "text": ""},
            )
        ]
    )  # fmt: skip

    (chat,) = archive.chats
    assert chat.people == {"user1": "Ann", "user2": "Deleted account"}
    by_key = {message.key: message for message in chat.messages}
    assert by_key["telegram/77/2"].reply_to == "telegram/77/1"
    assert by_key["telegram/77/2"].reactions == [("👍", ["user1"])]
    assert by_key["telegram/77/2"].parts == [Text("see this (https://a.example)")]
    assert by_key["telegram/77/4"].parts == [Text("📎 photo")]
    assert archive.tally.sentence() == "read 4 = carried 3 + skipped 1 (service notices 1)"
    assert archive.tally.notes["reactions without a name"] == 2


def test_a_telegram_message_without_a_date_is_named(make_telegram: MakeTelegram) -> None:
    with pytest.raises(BrokenArchive, match=r"result.json, chat 1, entry 1: it has no date"):
        read_telegram([make_telegram({"type": "message", "from": "Ann", "text": "hi"})])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"messages": 3}', '{"chats": {"list": [1]}}'])
def test_what_is_no_export_of_telegram_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(content)
    with pytest.raises(BrokenArchive):
        read_telegram([path])


@pytest.mark.parametrize("path", real("irc", "*.txt"), ids=lambda path: path.name)
def test_every_line_of_a_real_log_is_accounted_for(path: Path) -> None:
    archive = read_irc([path])
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    assert archive.tally.read == len(lines)
    assert archive.tally.carried == sum(len(chat.messages) for chat in archive.chats) > 0.9 * len(lines)
    assert any(message.reply_to for message in archive.chats[0].messages)
    assert set(archive.tally.skipped) <= {"changes of nick", "joins and leaves", "empty messages"}


@pytest.mark.parametrize("path", real("slack", "*.zip"), ids=lambda path: path.name)
def test_every_entry_of_a_real_slack_export_is_accounted_for(path: Path) -> None:
    archive = read_slack([path])
    assert archive.tally.read == 158
    assert archive.tally.carried == 147
    assert "xox" not in repr([message.parts for chat in archive.chats for message in chat.messages])


@pytest.mark.parametrize("path", real("telegram", "*.json"), ids=lambda path: path.name)
def test_every_entry_of_a_real_telegram_export_is_accounted_for(path: Path) -> None:
    archive = read_telegram([path])
    assert archive.tally.sentence() == "read 2 = carried 2 + skipped 0"
    assert said(archive) == ["Minimal Message", "Link:https://telegram.org/"]
