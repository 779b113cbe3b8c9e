"""Identity: who somebody is, what they are called, and on which devices they are signed in.

Words: an *account* has a *number* (10001 is the first) for ever, and may have a *handle*; a *session* is one signed-in
device; a *placeholder* stands for someone in an imported conversation.

Invariants: a handle belongs to one person or group; an e-mail address to one account; of passwords and tokens only
hashes are kept; a token begins with the number of its account and a dot, and whoever is not ``active`` holds none that
is good.

Promises: a session that is revoked is announced on the bus, subject ``account.<number>``, as
``{"on":"revoked","session":<id>}`` once the transaction is committed, and never before.
"""

from .actions import (
    bulk_create,
    claim_handle,
    create_placeholder,
    open_sessions,
    release_handle,
    revoke_other_sessions,
    revoke_session,
    sign_in,
    sign_up,
)
from .errors import HandleTaken, NoSuchAccount, SignInRefused
from .facts import AccountSignedUp
from .models import ClientKind, HandleKind, Reach
from .queries import find_actor, get_account, names_of
from .schemas import Account, AccountCard, NewPerson, SignedIn, SignInDraft, SignUpDraft

__all__ = [
    "Account",
    "AccountCard",
    "AccountSignedUp",
    "ClientKind",
    "HandleKind",
    "HandleTaken",
    "NewPerson",
    "NoSuchAccount",
    "Reach",
    "SignInDraft",
    "SignInRefused",
    "SignUpDraft",
    "SignedIn",
    "bulk_create",
    "claim_handle",
    "create_placeholder",
    "find_actor",
    "get_account",
    "names_of",
    "open_sessions",
    "release_handle",
    "revoke_other_sessions",
    "revoke_session",
    "sign_in",
    "sign_up",
]
