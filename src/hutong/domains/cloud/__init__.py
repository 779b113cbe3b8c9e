"""Cloud basics: what an app keeps here, so that a small program needs no server of its own for its data.

Words: an *entry* is a JSON value in a *collection* of an app, under a key; a *stored file* lies in the app's bucket
under a name; a *bundle* is a mini app's pages and scripts, sent as a zip, of which one version may be *live*; a
*holding* is what one app keeps here, counted.

Invariants: what an app keeps never exceeds its quotas, and is counted exactly, because whoever changes it locks its
holding first; a version of an entry is used once in an app, so nobody overwrites what they have not seen; the pages of
a bundle are served without any right of ours: no cookie, no origin. Promise: an app that is given up leaves nothing.
"""

from .errors import BucketFull, NoSuchBundle, NoSuchEntry, NoSuchFile, StoreFull, VersionChanged

__all__ = ["BucketFull", "NoSuchBundle", "NoSuchEntry", "NoSuchFile", "StoreFull", "VersionChanged"]
