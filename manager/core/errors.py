"""Every error that crosses a room of the program, divided by who can act.

    AccountManagerError
    ├── PersonCanAct      sign in, unlock, choose, consent, free some disk
    ├── CallerCanAct      the connector (or its author) sent something wrong
    ├── TimeHelps         wait and try again; never read as "signed out"
    └── NobodyCanAct      the server broke its own protocol

`str(error)` is a sentence for the person; `hint` says what to do. Neither ever holds a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AccountManagerError(Exception):
    """The root: a sentence, a hint, and what a program needs to go on."""

    default_hint = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        retry_after: float | None = None,
        choices: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        self.retry_after = retry_after
        self.choices = tuple(choices)


class PersonCanAct(AccountManagerError):
    """The person at the machine can put it right."""


class CallerCanAct(AccountManagerError):
    """The calling program can put it right."""


class TimeHelps(AccountManagerError):
    """It may well work later; nothing that is stored changes because of it."""


class NobodyCanAct(AccountManagerError):
    """Neither waiting nor the person helps; the server's operator has to."""


# The person ------------------------------------------------------------------------------------


class ChooseAccount(PersonCanAct):
    """Several accounts fit and none was chosen: `choices` names them. Never guessed."""

    default_hint = "Name the account, or choose a default in Account Manager."


class SignInRequired(PersonCanAct):
    """The account stands, but its credential is no longer accepted."""

    default_hint = "Open Account Manager and sign in again."


class SignInExpired(PersonCanAct):
    """No such sign-in is waiting (any more)."""

    default_hint = "Start the sign-in again."


class SignInDenied(PersonCanAct):
    """The person or the server said no in the browser."""

    default_hint = "Start the sign-in again and allow the access."


class CredentialsRefused(PersonCanAct):
    """The server does not accept the password, code or key that the person gave."""

    default_hint = "Check what was typed or pasted, then try again."


class IdentityMismatch(PersonCanAct):
    """Somebody else signed in where one account was to be renewed."""

    default_hint = "Sign out in the browser, then sign in as the person who was expected."


class ConsentRequired(PersonCanAct):
    """The person has not been asked yet and cannot be asked now."""


class ConsentDenied(PersonCanAct):
    """The person said no to this connector."""


class ConsentTimeout(PersonCanAct):
    """The person did not answer in time; that counts as no."""


class ScopeNotGranted(PersonCanAct):
    """The account was signed in without a scope that is asked for now."""

    default_hint = "Sign in again with the missing scope."


class KeychainLocked(PersonCanAct):
    """The keychain is there but locked; the accounts in it are safe."""

    default_hint = "Unlock the keychain of your desktop session, then try again."


class KeychainUnavailable(PersonCanAct):
    """No keychain answers on this machine at this moment; nothing was deleted."""

    default_hint = "Start a keychain such as gnome-keyring in this session, then try again."


class KeychainDenied(PersonCanAct):
    """The keychain refused this program, or the person dismissed its prompt."""

    default_hint = "Allow Account Manager in the keychain's prompt."


class PassphraseRefused(KeychainDenied):
    """This is not the vault's passphrase; nothing was changed."""

    default_hint = "Try again; nothing was changed."


class KeyCorrupt(PersonCanAct):
    """The keychain's item or the sealed record is damaged; nothing was deleted."""

    default_hint = "Sign in again to replace the damaged record."


class KeyMissing(PersonCanAct):
    """The keychain has no key for this account: the one answer that may mean signed out."""

    default_hint = "Sign in again."


class StorageUnavailable(PersonCanAct):
    """The disk refused a write (full, read-only, broken); what was stored before still stands."""

    default_hint = "Free some disk space, then try again."


class StorageCorrupt(StorageUnavailable):
    """The file of the accounts is damaged; it is kept as it is, never overwritten."""

    default_hint = "Restore the file from a backup, or move it away and sign in again."


class RedirectUnavailable(PersonCanAct):
    """The port or the URI scheme that the browser must come back to is taken."""

    default_hint = "Close the program that uses it, or sign in another way."


class Locked(PersonCanAct):
    """The person locked Account Manager."""

    default_hint = "Unlock Account Manager."


# The caller ------------------------------------------------------------------------------------


class InvalidRequest(CallerCanAct):
    """The request, callback or address does not fit what is allowed."""


class AccountNotFound(CallerCanAct):
    """No account has this id, or none is signed in at this server."""

    default_hint = "Sign in with Account Manager first."


class UnsupportedProtocol(CallerCanAct):
    """The two sides have no protocol version in common."""

    default_hint = "Update the older of the two programs."


class TooLarge(CallerCanAct):
    """A frame or value is over its limit."""


class TooMany(CallerCanAct):
    """Too many connections, requests or sign-ins at once."""

    default_hint = "Close some of them, then try again."


# Time ------------------------------------------------------------------------------------------


class ServerUnreachable(TimeHelps):
    """The server did not give a usable answer; it says nothing about the account."""

    default_hint = "Check the network connection; it will be tried again by itself."


class AnswerLost(ServerUnreachable):
    """The request was sent and its answer never came: the server may have acted on it."""


class RateLimited(TimeHelps):
    """The server asked for a pause; `retry_after` says how long."""

    default_hint = "It will be tried again by itself."


class TimedOut(TimeHelps):
    """The caller's own `timeout` ran out first."""

    default_hint = "Try again, with more time."


class ShuttingDown(TimeHelps):
    """The agent is stopping."""

    default_hint = "It starts again with the next request."


# Nobody ----------------------------------------------------------------------------------------


class ProviderError(NobodyCanAct):
    """The server answered against its own protocol."""

    default_hint = "Tell the operator of the server."


class RefreshRefused(NobodyCanAct):
    """The token endpoint's final word on a refresh token: a JSON OAuth error, nothing less.

    Never leaves the services: they turn it into AttentionNeeded.
    """
