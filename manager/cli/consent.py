"""What the front doors say while every program of this user is let in."""

from __future__ import annotations

_SENTENCES = {
    "allow": "Every program of this user may get tokens (the agent runs with --consent=allow).",
    "deny": "No program may get tokens (the agent runs with --consent=deny).",
}


def consent_notice(mode: str) -> str:
    """A sentence for the agent's consent mode, empty where nothing needs saying."""
    return _SENTENCES.get(mode, "")
