"""What somebody should hear of who is not looking: a box of notices for each account.

Words: a *notice* says of what *kind* it is and what it is *about*; notices of one kind about the same thing that nobody
has read are one notice, with a count.

Invariants: a notice is its account's alone; what was read is never counted up again, a later one begins anew. Promise:
it stays for months, or until there are too many newer ones.
"""

from .actions import notify

__all__ = ["notify"]
