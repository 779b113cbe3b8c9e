"""The verbs of identity: the only writer of its tables, the only publisher of its facts."""

from .accounts import approve, bulk_create, invite, refuse, sign_up
from .names import claim_handle, release_handle
from .passkeys import add_passkey, begin_passkey, begin_passkey_sign_in, drop_passkey, sign_in_by_passkey
from .placeholders import create_placeholder, offer_placeholder, placeholders_for
from .profile import WearAvatar, change_handle, change_password, change_profile, set_password
from .second_factor import confirm_second_factor, drop_second_factor, prepare_second_factor
from .sessions import forget_idle_sessions, open_sessions, revoke_other_sessions, revoke_session, sign_in

__all__ = [
    "WearAvatar",
    "add_passkey",
    "approve",
    "begin_passkey",
    "begin_passkey_sign_in",
    "bulk_create",
    "change_handle",
    "change_password",
    "change_profile",
    "claim_handle",
    "confirm_second_factor",
    "create_placeholder",
    "drop_passkey",
    "drop_second_factor",
    "forget_idle_sessions",
    "invite",
    "offer_placeholder",
    "open_sessions",
    "placeholders_for",
    "prepare_second_factor",
    "refuse",
    "release_handle",
    "revoke_other_sessions",
    "revoke_session",
    "set_password",
    "sign_in",
    "sign_in_by_passkey",
    "sign_up",
]
