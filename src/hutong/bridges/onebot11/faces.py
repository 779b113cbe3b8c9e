"""The numbered faces of OneBot's home, as the emoji that mean the same: we have no numbered ones.

What a bot sends as a face becomes its emoji in the text; a reaction is named by a face's number, or by an emoji's code
point.
"""

from hutong.domains.chat import known_emoji

__all__ = ["emoji_of", "face_id", "reaction_id"]

_FACES = """
0😮 1😟 2😍 3😶 4😏 5😭 6☺️ 7🤐 8😴 9😭 10😅 11😡 12😜 13😁 14🙂 15🙁 16😎 18😫 19🤮 20🤭 21😊 22🙄
23😤 24😋 25🥱 26😱 27😓 28😄 29😌 30💪 31🤬 32❓ 33🤫 34😵 35😖 36☹️ 37💀 38🔨 39👋 41🥶 42💕 43🕺
46🐷 49🤗 53🎂 54⚡ 55💣 56🔪 57⚽ 59💩 60☕ 61🍚 63🌹 64🥀 66❤️ 67💔 69🎁 74☀️ 75🌙 76👍 77👎 78🤝
79✌️ 85😘 86😠 89🍉 96😰 97😅 99👏 100😳 101😏 102😤 103😤 104🥱 105😒 106🥺 107😢 108😈 109😚 110😨
111🥺 112🔪 113🍺 114🏀 116💋 117🐞 118🙏 120✊ 121👎 122🤟 123🙅 124👌 125💫 129👋 137🧨 144🎉 146💢
147🍭 171🍵 172😉 173😭 174🤷 175😇 176😖 177🩸 178😏 179🐶 180🤩 182😂 183💁 187👻 201👍 212🤔
277🐶 311📣 318🤩 319🫰 320🎉
"""

_EMOJI_BY_ID = {
    "".join(c for c in one if c.isascii()): "".join(c for c in one if not c.isascii()) for one in _FACES.split()
}
_ID_BY_EMOJI = {emoji: number for number, emoji in reversed(_EMOJI_BY_ID.items())}
_LAST_FACE = 1_000
_LAST_CODE_POINT = 0x10FFFF


def emoji_of(told: str) -> str | None:
    """The emoji of a face's number, of a code point, or of itself; None where that is none."""
    if not (told.isascii() and told.isdigit()):
        return told if told in known_emoji() or told.replace("\ufe0f", "") in known_emoji() else None
    found = _EMOJI_BY_ID.get(str(int(told)))
    if found is None and _LAST_FACE < int(told) <= _LAST_CODE_POINT:
        return emoji_of(chr(int(told)))
    return found


def face_id(emoji: str) -> str | None:
    """The face that an emoji stands for, if there is one."""
    return _ID_BY_EMOJI.get(emoji)


def reaction_id(emoji: str) -> str:
    """How an emoji is named as a reaction: by its first code point, as clients do."""
    return str(ord(emoji[0]))
