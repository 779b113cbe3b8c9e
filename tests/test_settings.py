"""Settings are read once, from the environment; a bad one is refused with a sentence that names it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from hutong.settings import Settings, read_settings, secret_of


def test_the_environment_is_read_and_the_command_line_wins() -> None:
    environment = {
        "HUTONG_DATA": "/srv/hutong",
        "HUTONG_PORT": "9000",
        "HUTONG_SIGN_UP": "approval",
        "HUTONG_LINK_PREVIEWS": "false",
        "HUTONG_LIMITS": '{"text_chars_max": 99}',
        "HUTONG_HOST": "",
    }

    settings = read_settings(environment, port=9001, host=None)

    assert (settings.data, settings.port, settings.host) == (Path("/srv/hutong"), 9001, "127.0.0.1")
    assert (settings.sign_up, settings.link_previews) == ("approval", False)
    assert (settings.limits.text_chars_max, settings.limits.segments_max) == (99, 60)


@pytest.mark.parametrize(
    "value",
    ["https://talk.example.org", "http://localhost:8420", "https://talk.example.org/", "https://[2001:db8::1]:8420"],
)
def test_a_public_address_is_a_scheme_and_a_name(value: str) -> None:
    assert read_settings({"HUTONG_PUBLIC_URL": value}).public_url == value


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "HUTONG_PORT cannot be used"),
        ("SIGN_UP", "nobody", "HUTONG_SIGN_UP cannot be used: Invalid enum value 'nobody'"),
        ("LIMITS", "{", "HUTONG_LIMITS is not JSON"),
        ("LIMITS", "[]", "HUTONG_LIMITS cannot be used"),
        ("LIMITS", '{"text_chars_max": "many"}', "text_chars_max"),
        ("LIMITS", '{"text_char_max": 99}', "text_char_max"),
        ("PUBLIC_URL", "talk.example.org", "HUTONG_PUBLIC_URL must be like"),
        ("PUBLIC_URL", "ftp://talk.example.org", "HUTONG_PUBLIC_URL must be like"),
        ("PUBLIC_URL", "https://example.org/talk", "HUTONG_PUBLIC_URL must be like"),
        ("TRUSTED_PROXIES", "nginx", "HUTONG_TRUSTED_PROXIES holds 'nginx'"),
        ("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/40", "HUTONG_TRUSTED_PROXIES holds '10.0.0.0/40'"),
    ],
)
def test_a_bad_value_is_refused_and_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("'", ".")):
        read_settings({f"HUTONG_{name}": value})


def test_ways_to_sign_in_are_read_and_what_cannot_work_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    school = {"id": "school", "name": "School", "issuer": "https://login.example", "client_id": "h"}
    library = {"name": "Library", "url": "ldaps://ldap.example", "base": "ou=people"}

    def read(provider: Mapping[str, object], ldap: Mapping[str, object]) -> Settings:
        ways = {
            "HUTONG_SIGN_IN_PROVIDERS": json.dumps([{**school, **provider}]),
            "HUTONG_SIGN_IN_LDAP": json.dumps({**library, **ldap}),
        }
        return read_settings(ways, data=tmp_path)

    settings = read({"secret_file": str(tmp_path / "secret")}, {"secret": "shh"})
    assert secret_of(settings.sign_in_providers[0]) == "hush"
    assert settings.sign_in_ldap is not None
    assert secret_of(settings.sign_in_ldap) == "shh"
    for provider, ldap in (
        ({"id": "School"}, {}),
        ({"id": "ldap"}, {}),
        ({"issuer": "http://login.example"}, {}),
        ({"secret_file": "/nowhere"}, {}),
        ({"colour": "red"}, {}),
        ({}, {"url": "https://ldap.example"}),
        ({}, {"filter": "(uid=x)"}),
    ):
        with pytest.raises(ValueError, match=r"HUTONG_SIGN_IN|secret_file"):
            read(provider, ldap)
