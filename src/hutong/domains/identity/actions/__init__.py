"""The verbs of identity: the only writer of its tables, the only publisher of its facts."""

from .accounts import approve, bulk_create, invite, refuse, sign_up
from .bots import change_bot, count_bot_tokens, create_bot, issue_bot_token, retire_bot, revoke_bot_tokens
from .names import claim_handle, release_handle
from .outside import (
    SigningDevice,
    begin_outside,
    come_back,
    give_ticket,
    link_outside,
    sign_in_by_ldap,
    sign_in_by_ticket,
    unlink_outside,
)
from .passkeys import add_passkey, begin_passkey, begin_passkey_sign_in, drop_passkey, sign_in_by_passkey
from .placeholders import create_placeholder, offer_placeholder, placeholders_for
from .profile import WearAvatar, change_handle, change_password, change_profile, set_password
from .second_factor import confirm_second_factor, drop_second_factor, prepare_second_factor
from .sessions import forget_idle_sessions, open_sessions, revoke_other_sessions, revoke_session, sign_in

__all__ = [
    "SigningDevice",
    "WearAvatar",
    "add_passkey",
    "approve",
    "begin_outside",
    "begin_passkey",
    "begin_passkey_sign_in",
    "bulk_create",
    "change_bot",
    "change_handle",
    "change_password",
    "change_profile",
    "claim_handle",
    "come_back",
    "confirm_second_factor",
    "count_bot_tokens",
    "create_bot",
    "create_placeholder",
    "drop_passkey",
    "drop_second_factor",
    "forget_idle_sessions",
    "give_ticket",
    "invite",
    "issue_bot_token",
    "link_outside",
    "offer_placeholder",
    "open_sessions",
    "placeholders_for",
    "prepare_second_factor",
    "refuse",
    "release_handle",
    "retire_bot",
    "revoke_bot_tokens",
    "revoke_other_sessions",
    "revoke_session",
    "set_password",
    "sign_in",
    "sign_in_by_ldap",
    "sign_in_by_passkey",
    "sign_in_by_ticket",
    "sign_up",
    "unlink_outside",
]
