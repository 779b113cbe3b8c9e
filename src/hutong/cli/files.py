"""Where files are kept, for the verbs that touch them."""

from hutong.infra.blobs import Blobs, open_blobs
from hutong.settings import Settings

from .console import BadSettings

__all__ = ["blobs_from"]


def blobs_from(settings: Settings) -> Blobs:
    """The store of files that the settings name. Raises ``BadSettings``."""
    try:
        return open_blobs(settings.files_url, settings.data)
    except ValueError as error:
        raise BadSettings(reason=str(error)) from error
