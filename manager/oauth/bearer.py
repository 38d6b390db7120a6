"""A token on its way in a header (RFC 6750 section 2.1)."""

from __future__ import annotations

from manager.core.secret import Secret


def bearer(token: Secret) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"}
