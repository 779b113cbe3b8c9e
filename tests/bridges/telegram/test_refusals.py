"""Errors of ours as bots of Telegram are told of them."""

import msgspec
import pytest

from hutong.bridges.telegram.refusals import Refusal, refusal_of
from hutong.domains.openplatform import ScopeMissing, TokenRevoked
from hutong.kit.errors import Conflict, HutongError, Invalid, NotFound, TooMany, Unavailable
from hutong.settings import Limits, Settings
from tests.cast import Cast

from .conftest import Program

CALLS_MAX = 3


class TestOverQuota:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, limits=Limits(app_calls_per_method_day_max=CALLS_MAX))

    async def test_a_bot_that_has_used_up_its_calls_is_told_when_they_begin_anew(
        self, program: Program, chat: int, cast: Cast
    ) -> None:
        for number in range(CALLS_MAX):
            await program.ask("sendMessage", chat_id=-chat, text=f"{number}")
        answer = await program.http.post(program.path("sendMessage"), json={"chat_id": -chat, "text": "One more"})
        body = answer.json()
        wait_s = body["parameters"]["retry_after"]
        assert (answer.status_code, body["error_code"]) == (429, 429)
        assert body["description"] == f"Too Many Requests: retry after {wait_s}"
        assert 0 < wait_s <= 86_400
        assert (await program.ask("getMe"))["id"] == program.number


@pytest.mark.parametrize(
    ("error", "status", "description"),
    [
        (NotFound(), 400, "Bad Request: chat not found"),
        (ScopeMissing(scope="send"), 403, "Forbidden: this bot was not granted the scope send here"),
        (TokenRevoked(), 401, "Unauthorized"),
        (TooMany(retry_after_s=7), 429, "Too Many Requests: retry after 7"),
        (Conflict(), 400, "Bad Request: this is not possible as things stand"),
        (Invalid(reason="it is odd"), 400, "Bad Request: this could not be understood: it is odd"),
        (HutongError(), 500, "Internal Server Error: something went wrong"),
    ],
)
def test_an_error_has_the_status_that_clients_know(error: HutongError, status: int, description: str) -> None:
    refusal = refusal_of(error)
    assert (refusal.status, refusal.description) == (status, description)
    assert refusal.body()["ok"] is False


def test_what_is_not_there_just_now_may_be_tried_again() -> None:
    assert refusal_of(Unavailable()).status == 503


def test_parameters_are_told_where_there_are_some() -> None:
    assert "parameters" not in Refusal(400, "x").body()
    assert Refusal(429, "x", retry_after=3).body()["parameters"] == {"retry_after": 3}
