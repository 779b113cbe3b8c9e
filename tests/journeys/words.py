"""The sentences of the web client, read from its own dictionaries, so that a journey presses what it says."""

import json
import re
from functools import cache
from pathlib import Path

DICTIONARIES = Path(__file__).parents[2] / "web" / "src" / "i18n"
_ENTRY = re.compile(r'^\s*"?([\w.]+)"?:\s*("(?:[^"\\]|\\.)*"),?$', re.MULTILINE)


@cache
def _book(language: str) -> dict[str, str]:
    text = "\n".join(path.read_text() for path in sorted((DICTIONARIES / language).glob("*.ts")))
    return {key: json.loads(sentence) for key, sentence in _ENTRY.findall(text)}


def words(language: str, key: str, **params: object) -> str:
    """The sentence for a key in ``zh`` or ``en``, filled; of two forms the one for many, unless ``n`` is 1."""
    one, _, many = _book(language)[key].partition("|")
    sentence = one if not many or params.get("n") == 1 else many
    return re.sub(r"\{(\w+)\}", lambda found: str(params.get(found[1], found[0])), sentence)
