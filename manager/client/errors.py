"""Every error that a client raises: one class a kind of the protocol, and four of its own.

    AccountManagerError
    ├── one class a wire kind (protocol/messages.py, KINDS)
    ├── AgentUnavailable     no agent runs and none could be started
    ├── UntrustedSocket      somebody else owns what stands where the agent's socket should
    ├── ConnectionLost       the agent went away while it worked on a request
    └── ProtocolError        the agent's answer does not fit the protocol

A kind that this version does not know arrives as AccountManagerError itself, its `kind` kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AccountManagerError(Exception):
    """`message`: a sentence for the person. `hint`: what to do. `kind`: stable, for programs.

    `retry_after`: seconds. `choices`: for `choose_account`, the accounts that fit, each a mapping.
    """

    kind = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        kind: str = "",
        retry_after: float | None = None,
        choices: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kind = kind or type(self).kind
        self.retry_after = retry_after
        self.choices = tuple(choices)


class ParseError(AccountManagerError):
    kind = "parse_error"


class InvalidRequest(AccountManagerError):
    kind = "invalid_request"


class UnknownMethod(AccountManagerError):
    kind = "unknown_method"


class InternalError(AccountManagerError):
    kind = "internal_error"


class UnsupportedProtocol(AccountManagerError):
    kind = "unsupported_protocol"


class TooLarge(AccountManagerError):
    kind = "too_large"


class TooMany(AccountManagerError):
    kind = "too_many"


class AccountNotFound(AccountManagerError):
    kind = "account_not_found"


class ChooseAccount(AccountManagerError):
    kind = "choose_account"


class SignInRequired(AccountManagerError):
    kind = "sign_in_required"


class SignInExpired(AccountManagerError):
    kind = "sign_in_expired"


class SignInDenied(AccountManagerError):
    kind = "sign_in_denied"


class IdentityMismatch(AccountManagerError):
    kind = "identity_mismatch"


class CredentialsRefused(AccountManagerError):
    kind = "credentials_refused"


class RedirectUnavailable(AccountManagerError):
    kind = "redirect_unavailable"


class ConsentRequired(AccountManagerError):
    kind = "consent_required"


class ConsentDenied(AccountManagerError):
    kind = "consent_denied"


class ConsentTimeout(AccountManagerError):
    kind = "consent_timeout"


class ScopeNotGranted(AccountManagerError):
    kind = "scope_not_granted"


class KeychainLocked(AccountManagerError):
    kind = "keychain_locked"


class KeychainUnavailable(AccountManagerError):
    kind = "keychain_unavailable"


class StorageUnavailable(AccountManagerError):
    kind = "storage_unavailable"


class ConfigurationInvalid(AccountManagerError):
    kind = "configuration_invalid"


class Locked(AccountManagerError):
    kind = "locked"


class ServerUnreachable(AccountManagerError):
    kind = "server_unreachable"


class RateLimited(AccountManagerError):
    kind = "rate_limited"


class ProviderError(AccountManagerError):
    kind = "provider_error"


class TimedOut(AccountManagerError):
    kind = "timeout"


class ShuttingDown(AccountManagerError):
    kind = "shutting_down"


class AgentUnavailable(AccountManagerError):
    kind = "agent_unavailable"


class UntrustedSocket(AccountManagerError):
    kind = "untrusted_socket"


class ConnectionLost(AccountManagerError):
    kind = "connection_lost"


class ProtocolError(AccountManagerError):
    kind = "protocol_error"


_BY_KIND = {error.kind: error for error in AccountManagerError.__subclasses__()}


def from_wire(error: object) -> AccountManagerError:
    """The exception for a JSON-RPC error object; whatever is missing or of a wrong type in it is
    left out, since an error must arrive even from an agent of another version."""
    fields = error if isinstance(error, dict) else {}
    data = fields.get("data")
    if not isinstance(data, dict):
        data = {}
    kind = _text(data.get("kind"))
    message = _text(fields.get("message")) or "The agent refused the request without a reason."
    retry_after = data.get("retry_after")
    choices = data.get("choices")
    return _BY_KIND.get(kind, AccountManagerError)(
        message,
        hint=_text(data.get("hint")),
        kind=kind,
        retry_after=retry_after if isinstance(retry_after, (int, float)) else None,
        choices=[choice for choice in choices if isinstance(choice, dict)]
        if isinstance(choices, list)
        else (),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
