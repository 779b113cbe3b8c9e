"""What can go wrong with files, as sentences."""

from hutong.kit.errors import Conflict, Invalid, NotFound, Unavailable

__all__ = [
    "BadPiece",
    "FileTooLarge",
    "NoRoom",
    "NoSuchMedia",
    "NoSuchUpload",
    "NotAPicture",
    "PictureDamaged",
    "PictureTooLarge",
    "PictureTooLong",
    "UploadFinished",
    "UploadIncomplete",
    "UploadUnderWay",
]


class NoSuchUpload(NotFound):
    """It never was, is somebody else's, or waited too long for its last piece."""

    code = "media.no_such_upload"
    text = "There is no such upload, or it has been given up. Begin anew."


class NoSuchMedia(NotFound):
    code = "media.no_such_media"
    text = "There is no such file, or it is not yours to use."


class FileTooLarge(Invalid):
    code = "media.file_too_large"
    text = "A file has at least one byte and at most {bytes_max}."


class BadPiece(Invalid):
    code = "media.bad_piece"
    text = "Piece {n} of this upload should have {bytes_expected} bytes, and {bytes_sent} came."


class UploadIncomplete(Conflict):
    code = "media.upload_incomplete"
    text = "{missing} pieces of this upload have not arrived yet; number {first} is the first of them."


class UploadFinished(Conflict):
    code = "media.upload_finished"
    text = "This upload is finished; nothing can be added to it."


class UploadUnderWay(Unavailable):
    """Another request is putting it together, or one did when the server stopped."""

    code = "media.upload_under_way"
    text = "This upload is being put together. Ask again in a moment."


class NoRoom(Unavailable):
    """The disk is kept from being filled by files: what people say needs it too."""

    code = "media.no_room"
    text = "There is no room for more files here just now. Messages without files go on."


class PictureDamaged(Invalid):
    code = "media.picture_damaged"
    text = "This picture cannot be opened. It may be damaged; it can be sent as a file."


class PictureTooLarge(Invalid):
    code = "media.picture_too_large"
    text = "A picture has at most {pixels_max} pixels. This one can be sent as a file."


class PictureTooLong(Invalid):
    code = "media.picture_too_long"
    text = "A moving picture has at most {frames_max} frames. This one can be sent as a file."


class NotAPicture(Invalid):
    code = "media.not_a_picture"
    text = "This is not a picture that can be shown."
