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

__all__ = ["Limits", "Settings", "default_data_folder", "read_settings"]

SignUpGate = Literal["open", "invitation", "approval"]


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
    trusted_proxies: str = "127.0.0.1"
    private_addresses_allowed: bool = False
    link_previews: bool = True
    limits: Limits = Limits()


def default_data_folder() -> Path:
    """Where the data lives unless told otherwise: root's home is closed to the database's own user, so root gets
    ``/var/lib/hutong``."""
    if os.geteuid() == 0:
        return Path("/var/lib/hutong")
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "hutong"


def read_settings(environment: Mapping[str, str], **overrides: object) -> Settings:
    """Settings from ``HUTONG_*`` variables; ``overrides`` (the command line's) win, where they are not None.

    ``HUTONG_LIMITS`` is a JSON object of the limits to change. Raises ``ValueError`` with a sentence for a bad value.
    """
    values: dict[str, Any] = {"data": str(default_data_folder())}
    for field in msgspec.structs.fields(Settings):
        raw = environment.get(f"HUTONG_{field.name.upper()}")
        if raw is None or raw == "":
            continue
        values[field.name] = _read_limits(raw) if field.name == "limits" else raw
    values.update({name: value for name, value in overrides.items() if value is not None})
    values["data"] = str(values["data"])
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise ValueError(_refusal(str(error))) from error
    _check_addresses(settings)
    return settings


def _refusal(told: str) -> str:
    """What msgspec says, ``Expected `int`, got `str` - at `$.port```, as a sentence that begins with the variable."""
    what, _, where = told.rpartition(" - at ")
    name, *deeper = where.strip("`$.").split(".")
    if not what or not name:
        return f"The settings cannot be used: {told}."
    return f"HUTONG_{name.upper()} cannot be used: {what}{f' (in {deeper[0]})' if deeper else ''}."


def _read_limits(raw: str) -> object:
    try:
        return msgspec.json.decode(raw.encode())
    except msgspec.DecodeError as error:
        raise ValueError(f"HUTONG_LIMITS is not JSON: {error}.") from error


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
