"""Text that a server chose, made fit to be shown: plain, one line, nothing that reorders it."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_JOINERS = "\u200c\u200d"
"""Persian and Indic words and emoji need them; they move nothing."""
_CONTROL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SPACES = re.compile(r"\s+")


def plain(text: object, limit: int = 200) -> str:
    """`text` without bidi, control and private characters, on one line, at most `limit` long."""
    if not isinstance(text, str):
        return ""
    kept = "".join(
        " " if sign in "\t\r\n\u2028\u2029" else sign
        for sign in text
        if sign in _JOINERS or sign in "\t\r\n" or unicodedata.category(sign) not in _CONTROL
    )
    line = _SPACES.sub(" ", kept).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def address(url: object) -> str:
    """A server's address as a person reads it: the host in IDNA form, `https://` left out.

    Another scheme stays visible. Never holds user information or a query.
    """
    text = plain(url, 500)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    try:
        shown = host.encode("idna").decode("ascii")
    except UnicodeError:
        shown = host.encode("ascii", "replace").decode("ascii")
    if ":" in shown:
        shown = f"[{shown}]"
    scheme = "" if parts.scheme == "https" else f"{parts.scheme}://"
    return f"{scheme}{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def initials(name: str, identity: str = "") -> str:
    """One or two letters for a person without a picture."""
    words = [
        word for word in re.split(r"[\s._@+-]+", name or identity.split("@", maxsplit=1)[0]) if word
    ]
    letters = [word[0] for word in words if word[0].isalnum()]
    if not letters:
        return "?"
    chosen = letters[0] if len(letters) == 1 else letters[0] + letters[-1]
    return chosen.upper()
