"""What can be wrong with an export."""

from hutong.kit.errors import Invalid

__all__ = ["BrokenArchive", "NothingSaid"]


class BrokenArchive(Invalid):
    code = "archives.broken"
    text = "{file}, {where}: {reason} Nothing was imported."


class NothingSaid(Invalid):
    """What was given can be read, and holds no message: what belongs to a conversation, without the conversation."""

    code = "archives.nothing_said"
    text = "Nobody says anything in {files}: {reason}"
