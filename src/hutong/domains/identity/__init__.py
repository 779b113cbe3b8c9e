"""Identity: who somebody is, what they are called, and on which devices they are signed in.

Words: an *account* has a *number* (10001 is the first) for ever, and may have a *handle*; a *session* is one signed-in
device; a *placeholder* stands for someone in an imported conversation; a *bot* is a program's account, without a
password.

Invariants: a handle belongs to one person or group; an e-mail address to one account; of passwords and tokens only
hashes are kept; a token begins with the number of its account and a dot, and whoever is not ``active`` holds none that
is good.

Identity is at the bottom of the house and knows neither groups nor files: what of a profile is for people of the same
groups is decided by asking an ``Acquaintance``, and avatars are put on by a ``WearAvatar``, which the application hands
in.

Promises: a session that is revoked is announced on the bus, subject ``account.<number>``, as
``{"on":"revoked","session":<id>}`` once the transaction is committed, and never before; so is a changed nickname or
avatar, as ``{"on":"renamed","nickname":…,"avatar":…}``.
"""

from .actions import (
    WearAvatar,
    approve,
    bulk_create,
    change_bot,
    claim_handle,
    count_bot_tokens,
    create_bot,
    create_placeholder,
    drop_second_factor,
    invite,
    issue_bot_token,
    offer_placeholder,
    open_sessions,
    placeholders_for,
    refuse,
    release_handle,
    retire_bot,
    revoke_bot_tokens,
    revoke_other_sessions,
    revoke_session,
    set_password,
    sign_in,
    sign_up,
)
from .errors import (
    HandleTaken,
    NoSuchAccount,
    NotAPlaceholder,
    NotWaiting,
    SecondFactorNeeded,
    SecondFactorWrong,
    SignInRefused,
)
from .facts import AccountApproved, AccountRefused, AccountSignedUp
from .models import ClientKind, HandleKind, Reach
from .queries import (
    Acquaintance,
    find_actor,
    find_person,
    get_account,
    handles_of,
    list_waiting,
    live_sessions,
    may_be_written_to,
    names_of,
    reach_of,
    signed_in_at,
    view_profile,
    who_holds,
)
from .schemas import (
    Account,
    AccountCard,
    Applicant,
    NewPerson,
    Profile,
    SharedGroup,
    SignedIn,
    SignInDraft,
    SignUpDraft,
    WayIn,
)

__all__ = [
    "Account",
    "AccountApproved",
    "AccountCard",
    "AccountRefused",
    "AccountSignedUp",
    "Acquaintance",
    "Applicant",
    "ClientKind",
    "HandleKind",
    "HandleTaken",
    "NewPerson",
    "NoSuchAccount",
    "NotAPlaceholder",
    "NotWaiting",
    "Profile",
    "Reach",
    "SecondFactorNeeded",
    "SecondFactorWrong",
    "SharedGroup",
    "SignInDraft",
    "SignInRefused",
    "SignUpDraft",
    "SignedIn",
    "WayIn",
    "WearAvatar",
    "approve",
    "bulk_create",
    "change_bot",
    "claim_handle",
    "count_bot_tokens",
    "create_bot",
    "create_placeholder",
    "drop_second_factor",
    "find_actor",
    "find_person",
    "get_account",
    "handles_of",
    "invite",
    "issue_bot_token",
    "list_waiting",
    "live_sessions",
    "may_be_written_to",
    "names_of",
    "offer_placeholder",
    "open_sessions",
    "placeholders_for",
    "reach_of",
    "refuse",
    "release_handle",
    "retire_bot",
    "revoke_bot_tokens",
    "revoke_other_sessions",
    "revoke_session",
    "set_password",
    "sign_in",
    "sign_up",
    "signed_in_at",
    "view_profile",
    "who_holds",
]
