"""Who signed in, by `GET /auth/profile` (which makes the user where there is none yet)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.account import Identity
from manager.oauth.server_text import shown


def identity_from(
    profile: Mapping[str, Any], hint: Mapping[str, Any], *, key: str = ""
) -> Identity | None:
    """None where nobody is named. The profile stands at the root or below `profile`; `hint`: the
    unverified claims of an ID token, for a name and an address that the profile leaves out."""
    inner = profile.get("profile")
    told = inner if isinstance(inner, dict) else profile
    subject = told.get("id")
    if isinstance(subject, int) and not isinstance(subject, bool):
        subject = str(subject)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        return None
    name = shown(told.get("name")) or shown(hint.get("name"))
    email = shown(told.get("email")) or shown(hint.get("email"))
    picture = told.get("picture") or hint.get("picture")
    is_link = isinstance(picture, str) and picture.startswith("https://") and len(picture) <= 2048
    return Identity(
        subject=subject,
        label=email or name or "Mesh user",
        display_name=name or email or "Mesh user",
        avatar_url=picture if is_link else None,
        key=key,
    )
