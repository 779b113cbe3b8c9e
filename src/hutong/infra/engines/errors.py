"""What can keep the engines from starting."""

from hutong.kit.errors import Conflict, Unavailable

__all__ = ["AlreadyRunning", "CannotStart"]


class CannotStart(Unavailable):
    """An engine did not start; the reason is a sentence that says what to do."""

    code = "engines.cannot_start"
    text = "{reason}"


class AlreadyRunning(Conflict):
    """Another hutong holds the data folder."""

    code = "engines.already_running"
    text = (
        "Another hutong (process {pid}) already runs on {folder}. Stop it first, or choose another folder with --data."
    )
