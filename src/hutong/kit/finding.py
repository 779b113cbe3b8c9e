"""What something can be found by, from its names.

Names become *terms*: of Chinese, Japanese and Korean writing every character and every two that stand together, of
other words each beginning. A query becomes terms in the same way, and what has them all is found. So 读书 finds
城南读书会, and ``read`` finds ``Slow Readers``, by one index and without a dictionary.
"""

import re
import unicodedata

__all__ = ["folded", "terms_of", "terms_of_query"]

_WORD_CHARS_MAX = 20
_QUERY_TERMS_MAX = 24

_TOGETHER = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_TOGETHER}]+)|[^\W_{_TOGETHER}]+")
_VOICED = {"\u3099", "\u309a"}


def folded(text: str) -> str:
    """The text as it is compared: wide and narrow letters, capitals and accents make no difference."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in apart if unicodedata.category(c) != "Mn" or c in _VOICED)
    return unicodedata.normalize("NFC", bare).casefold()


def terms_of(*names: str) -> list[str]:
    """Every term of these names, sorted, each once."""
    terms: set[str] = set()
    for run, together in _runs(" ".join(names)):
        if together:
            terms.update(run)
            terms.update(_pairs(run))
        else:
            word = run[:_WORD_CHARS_MAX]
            terms.update(word[:length] for length in range(1, len(word) + 1))
    return sorted(terms)


def terms_of_query(query: str) -> list[str]:
    """The terms that something must have to be found by the query; none where nothing can be looked for."""
    terms: dict[str, None] = {}
    for run, together in _runs(query):
        terms.update(dict.fromkeys(_pairs(run) or [run] if together else [run[:_WORD_CHARS_MAX]]))
    return list(terms)[:_QUERY_TERMS_MAX]


def _runs(text: str) -> list[tuple[str, bool]]:
    """The words of a text, and whether it is writing that puts no spaces between its words."""
    return [(found[0], found[1] is not None) for found in _RUN.finditer(folded(text))]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]
