"""Words from a server on their way to a person's eyes."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # Persian and Indic names need them; they reorder nothing
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_CODE_LIMIT = 64


def shown(text: object, limit: int = 200) -> str:
    """`text` without control, bidi and other unseen characters, on one line, at most `limit` long.

    Empty where it is not text at all.
    """
    if not isinstance(text, str):
        return ""
    seen = "".join(
        " " if character.isspace() else character
        for character in text[: limit * 8]
        if character.isspace()
        or character in _JOINERS
        or unicodedata.category(character) not in _UNSEEN
    )
    line = " ".join(seen.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def shown_error_code(code: object) -> str:
    """An `error` code fit for a sentence: the characters of RFC 6749 section 5.2, few of them."""
    if not isinstance(code, str):
        return ""
    allowed = "".join(
        character for character in code if " " <= character <= "~" and character not in '"\\'
    )
    return allowed.strip()[:_CODE_LIMIT]
