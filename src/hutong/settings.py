"""One typed settings object, read once at start from the environment.

Every variable is ``HUTONG_`` and the field's name in capitals; a bad value is refused with a sentence that names it.
Limits that an operator may want to change are fields here or in ``limits``, never numbers in the code.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

__all__ = [
    "Limits",
    "Settings",
    "SignInLdap",
    "SignInProvider",
    "SignUpGate",
    "default_data_folder",
    "read_settings",
    "secret_of",
]

SignUpGate = Literal["open", "invitation", "approval"]

_JSON = {"limits", "sign_in_providers", "sign_in_ldap"}


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every fixed limit of the house, with its unit last."""

    frame_bytes_max: int = 65_536
    frame_read_bytes_max: int = 1_048_576
    frames_per_10_s_max: int = 10_000
    messages_per_10_s_max: int = 20_000
    text_chars_max: int = 5_000
    segments_max: int = 60
    name_chars_max: int = 40
    about_chars_max: int = 300
    description_chars_max: int = 1_000
    announcement_chars_max: int = 2_000
    page_items_max: int = 100
    resume_frames_max: int = 200
    catch_up_frames_max: int = 1_000
    hello_timeout_s: int = 10
    slow_reader_bytes_max: int = 1_048_576
    writes_per_turn_max: int = 200
    recall_window_s: int = 120
    reaction_kinds_per_message_max: int = 20
    reactions_per_minute_max: int = 60
    pins_per_chat_max: int = 20
    announcements_per_group_max: int = 50
    forward_items_max: int = 100
    forward_depth_max: int = 3
    forward_bytes_max: int = 65_536
    directs_with_strangers_per_day_max: int = 20
    mention_all_per_day_max: int = 10
    write_batch_max: int = 500
    write_queue_max: int = 20_000
    hole_wait_ms: int = 200
    read_marks_every_ms: int = 100
    rooms_compared_every_s: int = 15
    sessions_compared_every_s: int = 60
    presence_told_every_s: int = 3
    presence_frames_per_s_max: int = 2_000
    online_samples_kept_days: int = 400
    previews_at_once_max: int = 16
    facts_bytes_max: int = 1_073_741_824
    idle_ping_s: int = 50
    body_bytes_max: int = 1_048_576
    upload_piece_bytes: int = 524_288
    upload_bytes_max: int = 104_857_600
    upload_hours: int = 24
    uploads_open_max: int = 20
    uploads_per_day_max: int = 1_000
    upload_bytes_per_day_max: int = 4_294_967_296
    unused_media_days: int = 7
    released_media_days: int = 7
    disk_free_bytes_min: int = 536_870_912
    picture_pixels_max: int = 80_000_000
    picture_frames_max: int = 500
    darkroom_processes_max: int = 2
    darkroom_waiting_max: int = 64
    darkroom_timeout_s: int = 20
    darkroom_memory_bytes_max: int = 1_610_612_736
    password_chars_min: int = 8
    password_chars_max: int = 200
    sign_up_per_network_hour_max: int = 20
    sign_in_per_network_minute_max: int = 30
    sign_in_per_login_minute_max: int = 10
    second_factor_tries_per_day_max: int = 50
    session_idle_days: int = 365
    groups_created_per_day_max: int = 200
    joins_per_hour_max: int = 300
    city_chars_max: int = 40
    question_chars_max: int = 200
    answer_chars_max: int = 500
    reason_chars_max: int = 200
    mute_minutes_max: int = 525_600
    requests_waiting_max: int = 500
    invitations_per_group_max: int = 100
    invitation_hours_max: int = 8_760
    invitations_seen_per_minute_max: int = 60
    invitations_seen_per_network_minute_max: int = 300
    apps_per_account_max: int = 20
    app_changes_per_minute_max: int = 300
    bots_per_app_max: int = 100
    sandbox_members_max: int = 20
    app_calls_per_method_day_max: int = 500_000
    bots_per_group_max: int = 50
    groups_per_bot_max: int = 10_000
    tokens_per_bot_max: int = 20
    bot_events_kept_days: int = 7
    bot_frames_waiting_max: int = 200
    bridge_frame_bytes_max: int = 50_331_648
    bridge_file_bytes_max: int = 33_554_432
    bridge_fetch_timeout_s: int = 30
    bridge_link_good_for_s: int = 7_200
    recalled_seen_by_bots_s: int = 120
    notices_per_account_max: int = 500
    notices_kept_days: int = 90
    outlets_per_bot_max: int = 10
    lines_per_app_max: int = 100
    deliveries_at_once_max: int = 200
    deliveries_kept_days: int = 7
    deliveries_tried_for_s: int = 86_400
    delivery_wait_max_s: int = 300
    outlet_warned_after_s: int = 600
    delivery_timeout_s: int = 10
    delivery_answer_bytes_max: int = 65_536
    qqbot_reply_window_s: int = 604_800
    qqbot_replies_per_message_max: int = 1_000
    qqbot_unasked_per_chat_day_max: int = 100_000
    launches_per_minute_max: int = 120
    store_value_bytes_max: int = 65_536
    store_entries_per_app_max: int = 100_000
    store_bytes_per_app_max: int = 67_108_864
    bucket_file_bytes_max: int = 10_485_760
    bucket_files_per_app_max: int = 10_000
    bucket_bytes_per_app_max: int = 268_435_456
    bundle_zip_bytes_max: int = 10_485_760
    bundle_bytes_max: int = 33_554_432
    bundle_files_max: int = 500
    bundle_depth_max: int = 8
    bundles_per_app_max: int = 10
    bundles_per_day_max: int = 100
    presses_per_minute_max: int = 60
    press_answer_wait_s: int = 15
    commands_per_bot_max: int = 100
    tagline_chars_max: int = 60
    listing_about_chars_max: int = 2_000
    news_chars_max: int = 1_000
    screenshots_per_version_max: int = 8
    versions_per_app_max: int = 100
    submissions_per_day_max: int = 20
    versions_put_live_per_day_max: int = 50
    review_reasons_chars_max: int = 1_000
    rating_chars_max: int = 500
    ratings_per_day_max: int = 50
    replies_per_day_max: int = 100
    grants_running_max: int = 50
    grant_days_max: int = 90
    grant_showings_max: int = 1_000_000
    offers_at_once_max: int = 2
    installs_counted_days: int = 7

    redirects_per_app_max: int = 20
    testers_per_app_max: int = 50
    sign_in_code_s: int = 60
    access_token_s: int = 1_800
    refresh_token_days: int = 60
    signing_key_days: int = 90
    token_requests_per_app_minute_max: int = 3_000
    token_requests_per_network_minute_max: int = 1_200


ProviderId = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,19}$")]


class SignInProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenID Connect provider by which people sign in here. ``id`` is for ever: accounts are linked under it.
    ``sign_up`` is the gate for those who come by it for the first time, the site's unless told otherwise; ``private``
    allows addresses of a private network."""

    id: ProviderId
    name: str
    issuer: str
    client_id: str
    secret: str = ""
    secret_file: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    sign_up: SignUpGate | Literal["closed"] | None = None
    private: bool = False


class SignInLdap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An LDAP server whose people sign in here with the usual form. Somebody is looked for below ``base`` by
    ``filter``, as ``bind_dn`` or as nobody, and then the server is asked whether the password is theirs."""

    id: ProviderId = "ldap"
    name: str
    url: str
    base: str
    filter: str = "(uid={login})"
    bind_dn: str = ""
    secret: str = ""
    secret_file: str = ""
    ca_file: str = ""
    plain_text: bool = False
    subject: str = "entryUUID"
    nickname: str = "cn"
    email: str = "mail"
    sign_up: SignUpGate | Literal["closed"] | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this hutong is run."""

    data: Path
    name: str = "hutong"
    host: str = "127.0.0.1"
    port: int = 8420
    database_url: str = ""
    nats_url: str = ""
    nats_replicas: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    public_url: str = ""
    files_url: str = ""
    sign_up: SignUpGate = "open"
    sign_in_providers: tuple[SignInProvider, ...] = ()
    sign_in_ldap: SignInLdap | None = None
    trusted_proxies: str = "127.0.0.1"
    private_addresses_allowed: bool = False
    link_previews: bool = True
    bridge_tls_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    limits: Limits = Limits()


def default_data_folder() -> Path:
    """Where the data lives unless told otherwise: root's home is closed to the database's own user, so root gets
    ``/var/lib/hutong``."""
    if os.geteuid() == 0:
        return Path("/var/lib/hutong")
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "hutong"


def read_settings(environment: Mapping[str, str], **overrides: object) -> Settings:
    """Settings from ``HUTONG_*`` variables; ``overrides`` (the command line's) win, where they are not None.

    ``HUTONG_LIMITS`` is a JSON object of the limits to change; ways to sign in are JSON, too. Raises ``ValueError``
    with a sentence for a bad value.
    """
    values: dict[str, Any] = {"data": str(default_data_folder())}
    for field in msgspec.structs.fields(Settings):
        raw = environment.get(f"HUTONG_{field.name.upper()}")
        if raw is None or raw == "":
            continue
        values[field.name] = _read_json(field.name, raw) if field.name in _JSON else raw
    values.update({name: value for name, value in overrides.items() if value is not None})
    values["data"] = str(values["data"])
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise ValueError(_refusal(str(error))) from error
    _check_addresses(settings)
    _check_ways_in(settings)
    return settings


def secret_of(way: SignInProvider | SignInLdap) -> str:
    """The secret with which hutong shows itself there, read from its file where it has one. Raises ``OSError``."""
    return Path(way.secret_file).read_text().strip() if way.secret_file else way.secret


def _check_ways_in(settings: Settings) -> None:
    ldap = settings.sign_in_ldap
    ways: list[SignInProvider | SignInLdap] = [*settings.sign_in_providers, *([ldap] if ldap else [])]
    ids = [way.id for way in ways]
    for name in ids:
        if ids.count(name) > 1:
            raise ValueError(f"HUTONG_SIGN_IN_PROVIDERS and HUTONG_SIGN_IN_LDAP have the id {name} twice.")
    for provider in settings.sign_in_providers:
        if urlsplit(provider.issuer).scheme not in (("https", "http") if provider.private else ("https",)):
            raise ValueError(f"HUTONG_SIGN_IN_PROVIDERS: the issuer of {provider.id} must begin with https://")
    if ldap is not None and (urlsplit(ldap.url).scheme not in ("ldap", "ldaps") or "{login}" not in ldap.filter):
        raise ValueError("HUTONG_SIGN_IN_LDAP: url must begin with ldaps:// or ldap://, and filter must hold {login}.")
    for way in ways:
        try:
            secret_of(way)
        except OSError as error:
            raise ValueError(f"The secret_file of {way.id} cannot be read: {error.strerror}.") from error


def _refusal(told: str) -> str:
    """What msgspec says, ``Expected `int`, got `str` - at `$.port```, as a sentence that begins with the variable."""
    what, _, where = told.rpartition(" - at ")
    name, *deeper = where.strip("`$.").split(".")
    if not what or not name:
        return f"The settings cannot be used: {told}."
    return f"HUTONG_{name.upper()} cannot be used: {what}{f' (in {deeper[0]})' if deeper else ''}."


def _read_json(name: str, raw: str) -> object:
    try:
        return msgspec.json.decode(raw.encode())
    except msgspec.DecodeError as error:
        raise ValueError(f"HUTONG_{name.upper()} is not JSON: {error}.") from error


def _check_addresses(settings: Settings) -> None:
    """What is only needed when somebody comes would otherwise fail then."""
    for part in settings.trusted_proxies.split(","):
        try:
            if part.strip():
                ip_network(part.strip(), strict=False)
        except ValueError as error:
            raise ValueError(
                f"HUTONG_TRUSTED_PROXIES holds {part.strip()!r}, which is no address or network."
            ) from error
    public = urlsplit(settings.public_url)
    if settings.public_url and (
        public.scheme not in ("http", "https") or not public.hostname or public.path.strip("/")
    ):
        raise ValueError("HUTONG_PUBLIC_URL must be like https://talk.example.org, with nothing after the name.")


def _decode_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser().absolute()
    raise NotImplementedError(kind)
