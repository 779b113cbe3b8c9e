"""Other systems' exports, read into our domains.

A reader (``irc``, ``slack``, ``telegram``) turns files into an ``Archive``: conversations with their people and
messages, and an account of every line or entry that it read. ``FilesOfArchives`` brings the files that lie beside them;
``carry`` writes an archive into the domains, all of it or nothing, and adds nothing that was carried before.
"""

from .carry import Carried, carry
from .errors import BrokenArchive, NothingSaid
from .files import Brought, FilesOfArchives, files_of
from .irc import read_irc
from .shape import Archive, ArchivedChat, ArchivedMessage, Attached, Tally
from .slack import read_slack
from .telegram import read_telegram

__all__ = [
    "Archive",
    "ArchivedChat",
    "ArchivedMessage",
    "Attached",
    "BrokenArchive",
    "Brought",
    "Carried",
    "FilesOfArchives",
    "NothingSaid",
    "Tally",
    "carry",
    "files_of",
    "read_irc",
    "read_slack",
    "read_telegram",
]
