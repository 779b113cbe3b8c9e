"""What can be wrong with an export."""

from hutong.kit.errors import Invalid

__all__ = ["BrokenArchive"]


class BrokenArchive(Invalid):
    code = "archives.broken"
    text = "{file}, {where}: {reason} Nothing was imported."
