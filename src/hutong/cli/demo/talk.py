"""The dialogues of the demo: text files that people wrote, read into turns.

A file has dialogues with an empty line between them. Each begins ``# title | A B C`` and goes on with ``A: text``.
Marks stand at the end of a turn: ``[reply 2]`` answers the second turn, ``[react 👍 3]`` has three people react,
``[at B]`` says that ``@B`` in the text mentions B. ``{city}`` stands for the city of the group.
"""

import re
from importlib.resources import files

import msgspec

__all__ = ["Dialogue", "Turn", "all_dialogues", "read_dialogues"]

_MARK = re.compile(r"\s*\[(reply \d+|react \S+ \d+|at [A-F])\]$")
_TURN = re.compile(r"([A-F]): (.+)")


class Turn(msgspec.Struct, frozen=True):
    """``reply_to`` is the place of the answered turn, from 0; ``reactions`` are emoji and how many people react."""

    speaker: str
    text: str
    reply_to: int | None = None
    reactions: tuple[tuple[str, int], ...] = ()
    mentions: tuple[str, ...] = ()


class Dialogue(msgspec.Struct, frozen=True):
    language: str
    topic: str
    title: str
    turns: tuple[Turn, ...]

    @property
    def speakers(self) -> list[str]:
        """The letters of those who speak, in the order in which they first do."""
        return list(dict.fromkeys(turn.speaker for turn in self.turns))


def all_dialogues() -> list[Dialogue]:
    """Every dialogue of the package, in the order of the files."""
    folder = files(__package__).joinpath("dialogues")
    found: list[Dialogue] = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".txt"):
            found += read_dialogues(path.read_text(encoding="utf-8"), path.name)
    return found


def read_dialogues(text: str, name: str) -> list[Dialogue]:
    """The dialogues of a file called ``<language>-<topic>.txt``. Raises ``ValueError`` that names the line."""
    language, _, topic = name.removesuffix(".txt").partition("-")
    found: list[Dialogue] = []
    title: str | None = None
    turns: list[Turn] = []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.startswith("# "):
            title = line[2:].partition("|")[0].strip()
        elif line.strip():
            turns.append(_read_turn(line, f"{name}, line {number}", len(turns)))
        elif title is not None:
            found.append(Dialogue(language, topic, title, tuple(turns)))
            title, turns = None, []
    return found


def _read_turn(line: str, where: str, place: int) -> Turn:
    match = _TURN.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"{where}: a turn is written «A: text»")
    speaker, text = match.groups()
    reply_to: int | None = None
    reactions: list[tuple[str, int]] = []
    mentions: list[str] = []
    while mark := _MARK.search(text):
        text = text[: mark.start()]
        word, *rest = mark.group(1).split(" ")
        if word == "reply":
            reply_to = int(rest[0]) - 1
            if not 0 <= reply_to < place:
                raise ValueError(f"{where}: it answers a turn that has not been yet")
        elif word == "react":
            reactions.append((rest[0], int(rest[1])))
        else:
            mentions.append(rest[0])
    return Turn(speaker, text.strip(), reply_to, tuple(reversed(reactions)), tuple(mentions))
