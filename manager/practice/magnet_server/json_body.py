"""The JSON object that a request carries."""

from __future__ import annotations

from typing import Any

from manager.practice.http_message import HttpRequest


def json_body(request: HttpRequest) -> dict[str, Any]:
    """Empty where it is something else."""
    try:
        value = request.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
