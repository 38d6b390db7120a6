"""What the command line's exit statuses mean, after sysexits(3): one table for all commands."""

from __future__ import annotations

MEANINGS: dict[int, str] = {
    0: "done",
    64: "used in a wrong way, or an account was not named clearly",
    67: "no such account",
    69: "not available: the agent, the keychain, the port or scheme of a sign-in",
    70: "a mistake in Account Manager",
    74: "the disk refused a write",
    75: "temporary: the server or the agent could not answer now; try again later",
    76: "the other side does not keep to its protocol",
    77: "only a person can go on: sign in, unlock, or allow",
    78: "a configuration file, or a folder of ours, cannot be used as it is",
    130: "ended by Ctrl-C",
}

_OF_KIND: dict[str, int] = {
    "invalid_request": 64,
    "choose_account": 64,
    "too_large": 64,
    "account_not_found": 67,
    "agent_unavailable": 69,
    "keychain_unavailable": 69,
    "redirect_unavailable": 69,
    "internal_error": 70,
    "storage_unavailable": 74,
    "configuration_invalid": 78,
    "too_many": 75,
    "server_unreachable": 75,
    "rate_limited": 75,
    "timeout": 75,
    "shutting_down": 75,
    "connection_lost": 75,
    "parse_error": 76,
    "unknown_method": 76,
    "unsupported_protocol": 76,
    "provider_error": 76,
    "protocol_error": 76,
    "sign_in_required": 77,
    "sign_in_expired": 77,
    "sign_in_denied": 77,
    "identity_mismatch": 77,
    "credentials_refused": 77,
    "consent_required": 77,
    "consent_denied": 77,
    "consent_timeout": 77,
    "scope_not_granted": 77,
    "keychain_locked": 77,
    "locked": 77,
    "untrusted_socket": 77,
}


def status_of(kind: str) -> int:
    """The exit status for an error's kind; a kind of a later version is a mistake of ours."""
    return _OF_KIND.get(kind, 70)
