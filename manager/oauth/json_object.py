"""Bytes from a server as a JSON object or array, or as nothing."""

from __future__ import annotations

import json
from typing import Any


def json_object(body: bytes) -> dict[str, Any] | None:
    """The object that `body` is, None for everything else. Never raises, never quotes `body`."""
    document = _document(body)
    return document if isinstance(document, dict) else None


def json_array(body: bytes) -> list[Any] | None:
    """The same for an array."""
    document = _document(body)
    return document if isinstance(document, list) else None


def strings(value: object) -> tuple[str, ...] | None:
    """A JSON array of strings; None where it is absent or something else."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value)


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
