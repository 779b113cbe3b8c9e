"""What a bot says and how one answers it: buttons, forms, commands, and words that change under one's eyes."""

from typing import Any

import pytest
from playwright.async_api import expect

from .conftest import Come
from .robot import robot_in
from .visitor import WAIT_MS, Size

MARKDOWN = """## 明天去哪儿？

**两个地方**，票数最多的去：

- 湖边，走 6 公里
- 山上，走 ~~12~~ 9 公里

查一下路线：`route 12`，或者看 [地图](https://map.example)。<b>不是粗体</b>"""

CARD: dict[str, Any] = {
    "type": "card",
    "title": "宁波 · 明天",
    "text": "多云，风不大。",
    "link": "https://weather.example",
    "fields": [{"label": "气温", "value": "9 ~ 17 °C"}, {"label": "日出", "value": "6:31"}],
}

BUTTONS: dict[str, Any] = {
    "type": "buttons",
    "rows": [
        [{"label": "湖边", "data": "vote:lake", "style": "primary"}, {"label": "山上", "data": "vote:hill"}],
        [
            {"label": "取消活动", "data": "cancel", "style": "danger"},
            {"label": "给别人的", "data": "other", "who": [1]},
        ],
        [{"label": "再问一次", "command": "/ask 去哪儿"}, {"label": "路线", "link": "https://map.example"}],
    ],
}

FORM: dict[str, Any] = {
    "type": "form",
    "title": "报名",
    "text": "周六早上八点，北门集合。",
    "data": "sign-up",
    "submit": "报名",
    "fields": [
        {"name": "name", "label": "怎么称呼", "required": True, "min": 2, "max": 20},
        {"name": "people", "label": "几个人", "kind": "number", "min": 1, "max": 9, "hint": "包括你自己"},
        {"name": "ride", "label": "怎么来", "kind": "choice", "choices": ["坐车", "骑车", "走路"], "required": True},
        {"name": "day", "label": "哪一天", "kind": "date", "min": "2026-11-24"},
        {"name": "words", "label": "还想说的", "lines": 3},
    ],
}


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_one_presses_a_button_and_the_bot_answers(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    place = await alice.open_group("Walkers of Ningbo")
    async with robot_in(alice, place, "Rambler", "send") as robot:
        await robot.says(CARD)
        seq = await robot.says({"type": "markdown", "text": MARKDOWN}, BUTTONS)
        message = alice.message("湖边")
        await expect(message.get_by_text("明天去哪儿？", exact=True)).to_be_visible(timeout=WAIT_MS)
        await expect(message.locator("strong")).to_have_text("两个地方")
        await expect(message.get_by_text("<b>不是粗体</b>")).to_be_visible()
        await expect(message.get_by_role("button", name="给别人的")).to_be_disabled()

        lake = message.get_by_role("button", name="湖边")
        await lake.click()
        pressed = await robot.hears("pressed", data="vote:lake")
        assert (pressed["seq"], pressed["by"]["name"]) == (seq, "Alice")
        await expect(lake).to_have_attribute("aria-busy", "true")
        assert await alice.violations(axe) == []
        await robot.answers(pressed["press"], text="记下了：湖边。")
        await expect(alice.page.get_by_text("记下了：湖边。")).to_be_visible(timeout=WAIT_MS)
        await expect(lake).not_to_have_attribute("aria-busy", "true")

        await message.get_by_role("button", name="取消活动").click()
        cancelled = await robot.hears("pressed", data="cancel")
        await robot.answers(cancelled["press"], text="活动取消了。", alert=True)
        dialog = alice.page.get_by_role("dialog", name=alice.t("press.said", bot="Rambler"))
        await expect(dialog.get_by_text("活动取消了。")).to_be_visible(timeout=WAIT_MS)
        assert await alice.violations(axe) == []
        await dialog.get_by_role("button", name=alice.t("do.done")).click()

        await robot.edits(seq, "不去了，下周再说。")
        changed = alice.message("不去了，下周再说。")
        await expect(changed.get_by_text(alice.t("message.edited"))).to_be_visible(timeout=WAIT_MS)
        await expect(alice.log.get_by_role("button", name="湖边")).to_have_count(0)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_one_fills_a_form_in(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    place = await alice.open_group("Walkers of Shaoxing")
    async with robot_in(alice, place, "Rambler", "send") as robot:
        await robot.says(FORM)
        await alice.message("报名").get_by_role("button", name=alice.t("form.fill")).click(timeout=WAIT_MS)
        sheet = alice.page.get_by_role("dialog", name="报名")
        send = sheet.get_by_role("button", name="报名", exact=True)
        name = sheet.get_by_label("怎么称呼")
        await send.click()
        await expect(name).to_be_focused()
        await expect(sheet.get_by_text(alice.t("form.required"))).to_have_count(2)
        await sheet.get_by_label("几个人").fill("12")
        await expect(sheet.get_by_text(alice.t("form.most", max=9))).to_be_visible()
        assert await alice.violations(axe) == []

        await name.fill("小林")
        await sheet.get_by_label("几个人").fill("2")
        await sheet.get_by_label("怎么来").select_option("骑车")
        await sheet.get_by_label("哪一天").fill("2026-11-28")
        await alice.page.keyboard.press("Enter")
        sent = await robot.hears("pressed", data="sign-up")
        assert sent["values"] == {"name": "小林", "people": 2, "ride": "骑车", "day": "2026-11-28"}
        await expect(sheet).to_have_count(0)
        await robot.answers(sent["press"], text="周六见！")
        await expect(alice.page.get_by_text("周六见！")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_one_writes_a_command(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    place = await alice.open_group("Walkers of Huzhou")
    async with robot_in(alice, place, "Rambler", "send", "read_mentions") as robot:
        await robot.offers(
            {"name": "help", "about": "我会做什么", "usage": ""}, {"name": "ask", "about": "问大家", "usage": "[什么]"}
        )
        await alice.composer.press_sequentially("/")
        commands = alice.page.get_by_role("listbox", name=alice.t("compose.commands"))
        await expect(commands.get_by_role("option")).to_have_count(2, timeout=WAIT_MS)
        await alice.page.keyboard.press("ArrowDown")
        second = commands.get_by_role("option").nth(1)
        await expect(second).to_have_attribute("aria-selected", "true")
        await expect(alice.composer).to_have_attribute("aria-activedescendant", await second.get_attribute("id") or "")
        assert await alice.violations(axe) == []
        await alice.page.keyboard.press("Enter")
        await expect(alice.composer).to_have_value("/ask ")
        await alice.composer.press_sequentially("去哪儿")
        await alice.page.keyboard.press("Enter")
        heard = await robot.hears("message")
        assert heard["segments"] == [{"type": "text", "text": "/ask 去哪儿"}]

        await robot.says("再来？", BUTTONS)
        await alice.message("再来？").get_by_role("button", name="再问一次").click(timeout=WAIT_MS)
        await expect(alice.composer).to_have_value("/ask 去哪儿")
        await expect(alice.composer).to_be_focused()
