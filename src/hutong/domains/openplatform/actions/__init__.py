"""The verbs of the open platform: the only writer of its tables, the only publisher of its facts."""

from .admitting import admit_bot, check_talk
from .apps import change_app, drop_app, publish_app, register_app, set_app_state
from .bookmarks import keep_bookmark, sweep_bookmarks
from .bots import change_bot, clear_away, drop_bot, make_bot, make_token, revoke_tokens
from .clients import add_tester, drop_client, drop_tester, forget_client, make_secret, set_client
from .commands import set_commands
from .delivering import (
    Outcome,
    Served,
    clear_outlets,
    letters_for,
    note_outcomes,
    sweep_deliveries,
    take_outlets,
)
from .hearing import CHATS_AT_ONCE_MAX, bring_events
from .installs import compare_seats, follow_direct, forget_bots_of, forget_install, install_bot, uninstall_bot
from .keeping import confirm_events, keep_outlet
from .lines import LINE_LEASED_FOR_S, hold_line, let_line_go, take_lines
from .mini_apps import allow_app, forbid_app, host_mini_app, renew_launch_key, unhost_mini_app
from .outlets import add_outlet, change_outlet, drop_outlet, replay_events, resend_event
from .presses import answer_press, press_button, sweep_presses
from .recalls import forget_recalled, sweep_events
from .requests import tell_of_request
from .sign_ins import (
    forget_consent,
    introspect,
    issue_tokens,
    keep_key,
    reply_at_once,
    reply_to_app,
    revoke_given,
    stamp_request,
    sweep_sign_ins,
    view_consent,
    who_holds_access,
)

__all__ = [
    "CHATS_AT_ONCE_MAX",
    "LINE_LEASED_FOR_S",
    "Outcome",
    "Served",
    "add_outlet",
    "add_tester",
    "admit_bot",
    "allow_app",
    "answer_press",
    "bring_events",
    "change_app",
    "change_bot",
    "change_outlet",
    "check_talk",
    "clear_away",
    "clear_outlets",
    "compare_seats",
    "confirm_events",
    "drop_app",
    "drop_bot",
    "drop_client",
    "drop_outlet",
    "drop_tester",
    "follow_direct",
    "forbid_app",
    "forget_bots_of",
    "forget_client",
    "forget_consent",
    "forget_install",
    "forget_recalled",
    "hold_line",
    "host_mini_app",
    "install_bot",
    "introspect",
    "issue_tokens",
    "keep_bookmark",
    "keep_key",
    "keep_outlet",
    "let_line_go",
    "letters_for",
    "make_bot",
    "make_secret",
    "make_token",
    "note_outcomes",
    "press_button",
    "publish_app",
    "register_app",
    "renew_launch_key",
    "replay_events",
    "reply_at_once",
    "reply_to_app",
    "resend_event",
    "revoke_given",
    "revoke_tokens",
    "set_app_state",
    "set_client",
    "set_commands",
    "stamp_request",
    "sweep_bookmarks",
    "sweep_deliveries",
    "sweep_events",
    "sweep_presses",
    "sweep_sign_ins",
    "take_lines",
    "take_outlets",
    "tell_of_request",
    "unhost_mini_app",
    "uninstall_bot",
    "view_consent",
    "who_holds_access",
]
