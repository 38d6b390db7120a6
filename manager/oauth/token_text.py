"""Whether text from anywhere can be a token at all."""

from __future__ import annotations

import re

from manager.core.secret import Secret

_HEADER_SAFE = re.compile(r"[\x21-\x7e]{1,8192}")


def usable_token(value: object) -> Secret | None:
    """A token that a header can carry; None for everything else."""
    return Secret(value) if isinstance(value, str) and _HEADER_SAFE.fullmatch(value) else None
