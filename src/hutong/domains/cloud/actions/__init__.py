"""The verbs of what apps keep here: the only writer of its tables."""

from .bundles import drop_bundle, keep_bundle, put_live
from .dropping import drop_holding, forget_spares, list_spares, set_aside, sweep_expired
from .files import change_file, check_room, drop_file, keep_file
from .store import write_entries

__all__ = [
    "change_file",
    "check_room",
    "drop_bundle",
    "drop_file",
    "drop_holding",
    "forget_spares",
    "keep_bundle",
    "keep_file",
    "list_spares",
    "put_live",
    "set_aside",
    "sweep_expired",
    "write_entries",
]
