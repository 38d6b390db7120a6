"""The one translator from errors to the wire: each error of core has a kind."""

from __future__ import annotations

from typing import Any

from manager.client.protocol.messages import KINDS
from manager.core import errors

_KINDS: dict[type[errors.AccountManagerError], str] = {
    errors.ChooseAccount: "choose_account",
    errors.SignInRequired: "sign_in_required",
    errors.SignInExpired: "sign_in_expired",
    errors.SignInDenied: "sign_in_denied",
    errors.IdentityMismatch: "identity_mismatch",
    errors.CredentialsRefused: "credentials_refused",
    errors.ConsentRequired: "consent_required",
    errors.ConsentDenied: "consent_denied",
    errors.ConsentTimeout: "consent_timeout",
    errors.ScopeNotGranted: "scope_not_granted",
    errors.KeychainLocked: "keychain_locked",
    errors.KeychainUnavailable: "keychain_unavailable",
    errors.KeychainDenied: "keychain_unavailable",
    errors.PassphraseRefused: "credentials_refused",
    errors.KeyMissing: "sign_in_required",
    errors.KeyCorrupt: "sign_in_required",
    errors.StorageUnavailable: "storage_unavailable",
    errors.RedirectUnavailable: "redirect_unavailable",
    errors.Locked: "locked",
    errors.InvalidRequest: "invalid_request",
    errors.AccountNotFound: "account_not_found",
    errors.UnsupportedProtocol: "unsupported_protocol",
    errors.TooLarge: "too_large",
    errors.TooMany: "too_many",
    errors.ServerUnreachable: "server_unreachable",
    errors.RateLimited: "rate_limited",
    errors.TimedOut: "timeout",
    errors.ShuttingDown: "shutting_down",
    errors.ProviderError: "provider_error",
    errors.RefreshRefused: "sign_in_required",
    # Whatever else a person can put right on this machine: a bad settings file, a taken folder.
    errors.PersonCanAct: "configuration_invalid",
}


def kind_of(failure: errors.AccountManagerError) -> str:
    """The stable kind of an error; that of its nearest named ancestor for a subclass."""
    for cls in type(failure).__mro__:
        kind = _KINDS.get(cls)
        if kind is not None:
            return kind
    return "internal_error"


def wire_error(failure: errors.AccountManagerError) -> dict[str, Any]:
    """The JSON-RPC error object of an error of ours."""
    data: dict[str, Any] = {"kind": kind_of(failure), "hint": failure.hint}
    if failure.retry_after is not None:
        data["retry_after"] = failure.retry_after
    if failure.choices:
        data["choices"] = [dict(choice) for choice in failure.choices]
    return {"code": KINDS[data["kind"]], "message": failure.message, "data": data}


def plain_error(kind: str, message: str, hint: str = "") -> dict[str, Any]:
    """An error that the socket itself finds."""
    return {"code": KINDS[kind], "message": message, "data": {"kind": kind, "hint": hint}}
