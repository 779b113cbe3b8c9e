"""The directory: apps that people find, rate and let into their groups.

Words: a *version* is what people see of an app, written by its developer and looked at by whoever runs the hutong; the
*listing* is the app in the directory, of which one version is *live*; a *rating* is what somebody who uses it thinks; a
*grant* puts an app in front of groups that it fits, each of which gets an *offer*.

Invariants: nothing is seen of a version that was not approved; an app has at most one draft or submitted version, and
one grant that runs; ratings are counted exactly; a grant is counted once for each group and day. Promise: an app that
is suspended vanishes at once, and one that is given up leaves nothing here.
"""

from .actions import (
    approve_version,
    begin_grant,
    begin_version,
    change_version,
    drop_rating,
    end_grant,
    put_live,
    rate_app,
    reject_version,
    submit_version,
)
from .categories import Category
from .errors import NoSuchListing, NoSuchVersion
from .queries import GrantWithApp, Submission, list_grants, list_submissions, pictures_in_use, view_submission
from .schemas import RatingDraft, VersionPatch

__all__ = [
    "Category",
    "GrantWithApp",
    "NoSuchListing",
    "NoSuchVersion",
    "RatingDraft",
    "Submission",
    "VersionPatch",
    "approve_version",
    "begin_grant",
    "begin_version",
    "change_version",
    "drop_rating",
    "end_grant",
    "list_grants",
    "list_submissions",
    "pictures_in_use",
    "put_live",
    "rate_app",
    "reject_version",
    "submit_version",
    "view_submission",
]
