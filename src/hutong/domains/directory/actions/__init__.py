"""The verbs of the directory: the only writer of its tables."""

from .grants import begin_grant, end_grant, end_grants_due, forget_offers
from .installs import recount_groups
from .listings import drop_listing, put_live, take_out
from .offers import count_install, dismiss_offer, offer_in_chat, offer_to_keeper, open_offer
from .ratings import drop_rating, rate_app, reply_to_rating, take_rating_back, take_reply_back
from .reviews import approve_version, reject_version
from .versions import begin_version, change_version, drop_version, submit_version, withdraw_version

__all__ = [
    "approve_version",
    "begin_grant",
    "begin_version",
    "change_version",
    "count_install",
    "dismiss_offer",
    "drop_listing",
    "drop_rating",
    "drop_version",
    "end_grant",
    "end_grants_due",
    "forget_offers",
    "offer_in_chat",
    "offer_to_keeper",
    "open_offer",
    "put_live",
    "rate_app",
    "recount_groups",
    "reject_version",
    "reply_to_rating",
    "submit_version",
    "take_out",
    "take_rating_back",
    "take_reply_back",
    "withdraw_version",
]
