"""The token endpoint's successful answer (RFC 6749 section 5.1) as the faults would have it."""

from __future__ import annotations

from typing import Any

from manager.practice.faults import AS_LIFETIME, AuthorizationServerFaults


def distorted(token: dict[str, Any], faults: AuthorizationServerFaults) -> dict[str, Any]:
    """The answer's members; without faults as they were."""
    shown = dict(token)
    if faults.expires_in is None:
        shown.pop("expires_in", None)
    elif faults.expires_in != AS_LIFETIME:
        shown["expires_in"] = faults.expires_in
    if faults.token_type != "Bearer":  # noqa: S105  # the RFC's word for it
        shown["token_type"] = faults.token_type
    if faults.narrow_scope:
        shown["scope"] = faults.narrow_scope
    if faults.id_token == "missing":  # noqa: S105
        shown.pop("id_token", None)
    return shown
