"""Files that people send: they come in pieces, are looked at, made safe and stored once.

Words: an *upload* is a file on its way here, in *pieces*; a *file* is stored once for its content; an *item* is one
person's hold on a file, and its id is what is called *media* everywhere else; a *version* of a picture is ``original``,
``large`` or ``small``.

Invariants: neither the name nor what the client says decides what a file is, only its bytes; what a page may show was
read from end to end by us, and everything else is only ever downloaded; a picture that is shown carries nothing but
pixels, colours and the way it is to be turned. An item belongs to its owner until something that others may see uses
it: whoever uses it takes it with ``take_media`` or ``wear_avatar``, and then answers for who may see it; who lets it go
says so with ``release_media``. Media lies below all who use files and knows none of them: the sweep asks an ``InUse``,
which the application hands in.

Promises: what has arrived of an upload survives a restart; what is used is never given up; what nothing has taken, or
nothing uses any more, goes after some days, and an unfinished upload after some hours.
"""

from .actions.developing import develop_file
from .actions.keeping import keep_developed, take_media, wear_avatar
from .actions.sweeping import InUse, release_media, set_key_aside
from .errors import NoSuchMedia, NotAPicture
from .models import MediaKind, Purpose, Variant
from .queries import describe_media, get_version
from .schemas import MediaView, StoredVersion

__all__ = [
    "InUse",
    "MediaKind",
    "MediaView",
    "NoSuchMedia",
    "NotAPicture",
    "Purpose",
    "StoredVersion",
    "Variant",
    "describe_media",
    "develop_file",
    "get_version",
    "keep_developed",
    "release_media",
    "set_key_aside",
    "take_media",
    "wear_avatar",
]
