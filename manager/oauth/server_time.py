"""Moments as servers write them."""

from __future__ import annotations

from datetime import UTC, datetime

_LONGEST = 64


def unix_seconds(text: object) -> float | None:
    """A moment in ISO 8601, without a zone in UTC; None for everything else."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
