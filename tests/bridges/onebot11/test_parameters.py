"""What actions are given, and what they answer with."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.onebot11.answers import ACCEPTED, ActionFailed, answer_of, failure_of, read_request
from hutong.bridges.onebot11.parameters import parameters_of, to_bool, to_int, wants_of
from hutong.kit.errors import Denied, NotFound

ECHOES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(-1e9, 1e9),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(), some, max_size=3),
    max_leaves=6,
)


async def an_action(*, group_id: int, message: Any, name: str = "", enable: bool = True) -> None: ...


def test_parameters_become_what_the_action_wants() -> None:
    wants = wants_of(an_action)
    given_ = {"group_id": "80001", "message": ["x"], "name": 5, "enable": "No", "unknown": 1}
    assert parameters_of(wants, given_) == {"group_id": 80_001, "message": ["x"], "name": "5", "enable": False}
    assert parameters_of(wants, {"group_id": 80_001.0, "message": "", "name": None}) == {
        "group_id": 80_001,
        "message": "",
    }
    for wrong in ({"message": ""}, {"group_id": "me", "message": ""}, {"group_id": True, "message": ""}):
        with pytest.raises(ActionFailed):
            parameters_of(wants, wrong)


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_number_may_be_a_string(number: int) -> None:
    assert to_int("n", str(number)) == to_int("n", number) == number


@pytest.mark.parametrize("true", [True, 1, "1", "true", "True", "YES", "on"])
def test_true_has_many_spellings(true: object) -> None:
    assert to_bool("b", true) is True


@pytest.mark.parametrize("false", [False, 0, "0", "false", "No", ""])
def test_false_has_many_spellings(false: object) -> None:
    assert to_bool("b", false) is False


@given(ECHOES)
def test_an_echo_comes_back_as_it_came(echo: Any) -> None:
    request = read_request(msgspec.json.encode({"action": "get_status", "params": None, "echo": echo}))
    assert request is not None
    for answer in (answer_of({}, request.echo), failure_of(NotFound(), request.echo)):
        came_back = msgspec.json.decode(answer)["echo"]
        assert (type(came_back), came_back) == (type(echo), echo)


def test_there_is_no_echo_where_there_was_none() -> None:
    request = read_request(b'{"action":"get_status"}')
    assert request is not None
    assert msgspec.json.decode(answer_of(None, request.echo)) == {"status": "ok", "retcode": 0, "data": None}


def test_answers_and_failures() -> None:
    assert msgspec.json.decode(answer_of(ACCEPTED)) == {"status": "async", "retcode": 1, "data": None}
    failed = [msgspec.json.decode(failure_of(error)) for error in (NotFound(), Denied(), ActionFailed(1404, "no"))]
    assert [one["retcode"] for one in failed] == [100, 102, 1404]
    assert failed[1] == {
        "status": "failed",
        "retcode": 102,
        "data": None,
        "message": "hutong.denied",
        "wording": "You may not do this.",
    }


@pytest.mark.parametrize("frame", [b"", b"[]", b"{}", b'{"action":1}', b'{"action":"x","params":[]}', b"\xff"])
def test_what_is_no_request_is_none(frame: bytes) -> None:
    assert read_request(frame) is None
