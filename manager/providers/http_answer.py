"""What a server answered, in our own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from manager.core.errors import ProviderError

from .captive_portal import LOG_IN_FIRST


@dataclass(frozen=True, slots=True, repr=False)
class HttpAnswer:
    """One answer, whatever its status. `headers`: lower-case names; `url`: who answered last;
    `set_cookies`: each Set-Cookie line whole (RFC 6265 section 3: they must not be joined)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    set_cookies: tuple[str, ...] = ()

    def json(self) -> Any:
        """The body as JSON. Raises ProviderError, which never holds the body."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass  # raised below, outside: the decoder's error holds the whole document
        raise ProviderError(
            f"{urlsplit(self.url).hostname} answered with something that is not JSON.",
            hint=f"{LOG_IN_FIRST}; otherwise check that the address is that of the server.",
        )

    def __repr__(self) -> str:
        parts = urlsplit(self.url)
        return f"HttpAnswer({self.status}, {parts.scheme}://{parts.netloc}, ***)"
