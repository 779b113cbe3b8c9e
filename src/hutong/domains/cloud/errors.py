"""What can go wrong with what an app keeps here, as sentences."""

from hutong.kit.errors import Conflict, Invalid, NotFound

__all__ = [
    "BadBundleName",
    "BadFilter",
    "BucketFull",
    "BundleTooLarge",
    "BundleWithoutIndex",
    "FileTooLarge",
    "NoSuchBundle",
    "NoSuchEntry",
    "NoSuchFile",
    "NoSuchPage",
    "NotABundle",
    "NotANumber",
    "StoreFull",
    "UnknownFileType",
    "ValueTooLarge",
    "VersionChanged",
]


class NoSuchEntry(NotFound):
    code = "cloud.no_such_entry"
    text = "There is nothing under this key, or its time is over."


class NoSuchFile(NotFound):
    code = "cloud.no_such_file"
    text = "There is no such file, or it is not yours to see."


class NoSuchBundle(NotFound):
    code = "cloud.no_such_bundle"
    text = "This app has no such version of its pages."


class NoSuchPage(NotFound):
    code = "cloud.no_such_page"
    text = "There is no such page of a mini app here."


class VersionChanged(Conflict):
    """Compare and set: somebody was quicker. ``version`` is the one that is there now, 0 where nothing is."""

    code = "cloud.version_changed"
    text = "{key} in {collection} is another version by now: {version}. Nothing was written."


class NotANumber(Conflict):
    code = "cloud.not_a_number"
    text = "{key} in {collection} is not a whole number that can be counted on. Nothing was written."


class StoreFull(Conflict):
    code = "cloud.store_full"
    text = "An app keeps at most {entries_max} entries with {bytes_max} bytes in all. Nothing was written."


class BucketFull(Conflict):
    code = "cloud.bucket_full"
    text = "An app keeps at most {files_max} files with {bytes_max} bytes in all. Nothing was stored."


class ValueTooLarge(Invalid):
    code = "cloud.value_too_large"
    text = "A value has at most {bytes_max} bytes; {key} in {collection} has {size_bytes}."


class BadFilter(Invalid):
    code = "cloud.bad_filter"
    text = "The field {field} is compared with bounds of one kind: numbers, or texts."


class FileTooLarge(Invalid):
    code = "cloud.file_too_large"
    text = "What is sent here has at least one byte and at most {bytes_max}."


class NotABundle(Invalid):
    code = "cloud.not_a_bundle"
    text = "This is not a zip file that can be opened here. It may be damaged or encrypted."


class BundleTooLarge(Invalid):
    code = "cloud.bundle_too_large"
    text = "The pages of a mini app have at most {files_max} files with {bytes_max} bytes in all, unpacked."


class BadBundleName(Invalid):
    code = "cloud.bad_bundle_name"
    text = "The zip holds a name that cannot be served: {name}."


class UnknownFileType(Invalid):
    code = "cloud.unknown_file_type"
    text = "Files of this type are not served for mini apps: {name}."


class BundleWithoutIndex(Invalid):
    code = "cloud.bundle_without_index"
    text = "The zip has no index.html at its top, with which a mini app begins."
