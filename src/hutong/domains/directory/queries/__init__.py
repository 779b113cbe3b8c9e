"""Reads of the directory that deserve a name, and its gates. What is not the viewer's to see does not exist."""

from .grants import GrantWithApp, list_grants, list_running, view_grants
from .listings import (
    Order,
    list_apps,
    list_categories,
    listed_apps,
    listing_cards,
    pictures_in_use,
    view_listing,
    visible_listing,
    visible_picture,
)
from .ratings import list_ratings, view_rating
from .versions import (
    Submission,
    find_version_under_way,
    get_app_version,
    list_submissions,
    list_versions,
    version_view,
    view_standing,
    view_submission,
)

__all__ = [
    "GrantWithApp",
    "Order",
    "Submission",
    "find_version_under_way",
    "get_app_version",
    "list_apps",
    "list_categories",
    "list_grants",
    "list_ratings",
    "list_running",
    "list_submissions",
    "list_versions",
    "listed_apps",
    "listing_cards",
    "pictures_in_use",
    "version_view",
    "view_grants",
    "view_listing",
    "view_rating",
    "view_standing",
    "view_submission",
    "visible_listing",
    "visible_picture",
]
