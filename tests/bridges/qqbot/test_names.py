"""Opaque names, access tokens and signatures."""

import pytest

from hutong.bridges.qqbot.seals import Seals
from hutong.bridges.qqbot.signing import public_key, seed_of, sign, signed_by
from hutong.bridges.qqbot.tokens import PERIOD_S, number_in, open_access_token, seal_access_token

SECRET, OTHER = b"a" * 32, b"b" * 32
NOW_S = 1_764_300_000
TOKEN = "10001.c2VjcmV0IHNlY3JldCBzZWNyZXQ"


def test_names_are_read_again_by_their_own_app_alone() -> None:
    seals, others = Seals(SECRET), Seals(OTHER)

    names = [seals.message(80_001, 7), seals.reference(80_001, 7)]

    assert [seals.message_of(name) for name in names] == [(80_001, 7)] * 2
    assert [others.message_of(name) for name in names] == [None, None]
    assert seals.message(80_001, 7) == names[0] != seals.message(80_001, 8)
    assert seals.dispatch_of(seals.dispatch("GROUP_ADD_ROBOT", 80_001, 3)) == ("GROUP_ADD_ROBOT", 80_001, 3)
    assert others.dispatch_of(seals.dispatch("GROUP_ADD_ROBOT", 80_001, 3)) is None


@pytest.mark.parametrize("name", ["", "ROBOT1.0_!", "ROBOT1.0_abc!", "x" * 20_000, "ROBOT1.0_" + "A" * 43 + "!", "号"])
def test_what_was_made_up_names_nothing(name: str) -> None:
    seals = Seals(SECRET)

    assert seals.message_of(name) is None
    assert seals.dispatch_of(f"X:{name}") is None
    assert seals.account_of(name) is None


def test_an_openid_is_32_digits_in_capitals_and_of_one_kind() -> None:
    seals = Seals(SECRET)
    openid = seals.account(10_001)

    assert len(openid) == 32
    assert openid == openid.upper()
    assert int(openid, 16)
    assert (seals.account_of(openid), seals.chat_of(openid)) == (10_001, None)


def test_an_access_token_says_whose_it_is_and_ends() -> None:
    seals = Seals(SECRET)
    made = seal_access_token(seals, 10_001, TOKEN, NOW_S)

    assert number_in(made.text) == 10_001
    assert TOKEN not in made.text
    assert open_access_token(seals, 10_001, made.text, NOW_S + made.expires_in_s - 1) == TOKEN
    assert open_access_token(seals, 10_001, made.text, NOW_S + made.expires_in_s) is None
    assert open_access_token(Seals(OTHER), 10_001, made.text, NOW_S) is None
    assert open_access_token(seals, 10_002, made.text, NOW_S) is None


def test_the_same_access_token_is_handed_out_until_the_last_minute_and_stays_good_in_it() -> None:
    seals = Seals(SECRET)
    first = seal_access_token(seals, 10_001, TOKEN, NOW_S)
    ends_s = NOW_S + first.expires_in_s

    before, within = (seal_access_token(seals, 10_001, TOKEN, ends_s - left_s) for left_s in (61, 60))

    assert before == (first.text, 61)
    assert within.text != first.text
    assert within.expires_in_s == PERIOD_S + 60
    assert open_access_token(seals, 10_001, first.text, ends_s - 1) == TOKEN


@pytest.mark.parametrize("text", ["", ".", "10001.x", "JxE.", "JxE.AAAA", "é.x", "x" * 500 + ".y"])
def test_what_is_no_access_token_opens_nothing(text: str) -> None:
    assert number_in(text) is None or open_access_token(Seals(SECRET), number_in(text) or 0, text, NOW_S) is None


def test_signatures_are_those_of_the_original() -> None:
    secret = "DG5g3B4j9X2KOErG"
    signature = (
        "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d0"
        "1bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706"
    )

    assert public_key(secret).hex() == "8b28ded5630f9051c205dd04c6ec56ad0b08b8812b2fe30ee9aece0ab41926f3"
    assert sign(secret, "1725442341", b"Arq0D5A61EgUu4OxUvOp") == signature
    longer = public_key("naOC0ocQE3shWLAfffVLB1rhYPG7").hex()
    assert longer == "d7c362fe78aef81ff23287b493628b5db02a3c4fe30b215e4d19609b5d76673a"


@pytest.mark.parametrize("secret", ["a", "DG5g3B4j9X2KOErG", "10023." + "x" * 43])
def test_the_seed_signs_like_the_secret(secret: str) -> None:
    assert len(seed_of(secret)) == 32
    assert sign(seed_of(secret), "17", b"{}") == sign(secret, "17", b"{}")
    assert seed_of(seed_of(secret)) == seed_of(secret)


def test_a_signature_holds_for_what_was_signed_alone() -> None:
    signature = sign("secret", "17", b"{}")

    assert signed_by("secret", "17", b"{}", signature)
    assert not signed_by("secret", "18", b"{}", signature)
    assert not signed_by("secret", "17", b"{ }", signature)
    assert not signed_by("Secret", "17", b"{}", signature)
    assert not signed_by("secret", "17", b"{}", "zz")
