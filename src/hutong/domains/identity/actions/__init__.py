"""The verbs of identity: the only writer of its tables, the only publisher of its facts."""

from .accounts import approve, bulk_create, create_placeholder, invite, refuse, sign_up
from .names import claim_handle, release_handle
from .profile import change_handle, change_password, change_profile, set_password
from .sessions import open_sessions, revoke_other_sessions, revoke_session, sign_in

__all__ = [
    "approve",
    "bulk_create",
    "change_handle",
    "change_password",
    "change_profile",
    "claim_handle",
    "create_placeholder",
    "invite",
    "open_sessions",
    "refuse",
    "release_handle",
    "revoke_other_sessions",
    "revoke_session",
    "set_password",
    "sign_in",
    "sign_up",
]
