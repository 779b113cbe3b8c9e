"""What bots alone may say, made with the functions of the SDK: the server takes it as it is."""

import uuid

import pytest

from hutong_sdk import Client, Invalid, NotFound, button, buttons, card, field, form, markdown

from ..conftest import Town


async def test_markdown_cards_forms_and_buttons_are_stored_as_they_were_made(town: Town) -> None:
    hours = card("Opening hours", "Come in.", link="https://example.org", fields={"Monday": "9 to 5"})
    asked = form(
        "Borrow a book",
        "borrow:7",
        field("title", "Which one?", required=True, most=80, hint="As on the cover", lines=2),
        field("days", "For how long?", "number", least=1, most=30),
        field("where", "Where?", "choice", choices=["Desk", "Shelf"]),
        field("until", "Until?", "date", least="2026-11-01"),
        words="We shall see.",
        submit="Ask",
        who="admins",
    )
    below = buttons(
        [button("I come", "come:monday", style="primary"), button("Not me", "stay", who=[town.bob.number])],
        button("Read on", link="https://example.org"),
        button("Help", command="/help"),
    )
    async with Client(town.server.address, town.bot.token) as client:
        sent = await client.send(town.chat, markdown("**Hello** ~~world~~"), hours, below)
        stored = (await client.message(town.chat, sent.seq)).segments
        assert [part["type"] for part in stored] == ["markdown", "card", "buttons"]
        assert stored[1]["fields"] == [{"label": "Monday", "value": "9 to 5"}]
        assert [button["label"] for row in stored[2]["rows"] for button in row] == [
            "I come",
            "Not me",
            "Read on",
            "Help",
        ]
        await client.edit(town.chat, sent.seq, "Another one.")
        assert (await client.message(town.chat, sent.seq)).text == "Another one."
        other = await client.send(town.chat, asked)
        (kept,) = (await client.message(town.chat, other.seq)).segments
        assert [part["name"] for part in kept["fields"]] == ["title", "days", "where", "until"]
        with pytest.raises(Invalid):
            await client.send(town.chat, buttons())


async def test_a_form_is_sent_and_answered_once(town: Town) -> None:
    async with Client(town.server.address, town.bot.token) as client:
        sent = await client.send(town.chat, form("Borrow", "borrow:7", field("title", "Which one?")))
        path = f"chats/{town.chat}/messages/{sent.seq}/presses"
        body = {"key": str(uuid.uuid4()), "button": "borrow:7", "values": {"title": "Border Town"}}
        press = (await town.bob.ask("POST", path, body))["press"]
        await client.answer_press(press, "It is yours.", alert=True)
        await client.answer_press(press, "Again.")
        with pytest.raises(NotFound):
            await client.answer_press("nothing")
