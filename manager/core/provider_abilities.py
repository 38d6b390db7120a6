"""What only some kinds of server can do: a provider has these members where its servers have it.

Each is looked for by its members (`isinstance`); a provider inherits nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from .account import Account, Identity, Server
from .credential import Credential
from .provider import Avatar, ServerProbe, SignInResult
from .secret import Secret
from .sign_in_form import FormField


@runtime_checkable
class ShowsAvatars(Protocol):
    async def avatar(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Avatar | None:
        """The picture of the person, None where there is none."""


@runtime_checkable
class HasDialects(Protocol):
    """Servers of one kind that speak different protocols; the person may name one."""

    @property
    def dialects(self) -> tuple[str, ...]: ...

    async def probe_dialect(self, url: str, dialect: str) -> ServerProbe | None:
        """As `probe`, for this dialect alone; without asking the server where it need not be."""


# Is this still signed in? ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StillSignedIn:
    """The server accepts the credential. `server`: as it calls itself now, or where it has moved
    to (with `moved_from`); `identity`, `scopes`, `roles`: None where the server does not say."""

    server: Server
    identity: Identity | None = None
    scopes: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SignedOutThere:
    """The server's final word: it does not accept the credential any more. `message`: in one
    sentence, where the server said why."""

    message: str = ""


Verification = StillSignedIn | SignedOutThere


@runtime_checkable
class VerifiesCredentials(Protocol):
    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        """Ask the server, cheaply, whether it still accepts the credential. Only an answer that
        cannot mean anything else is SignedOutThere. Raises ServerUnreachable, RateLimited,
        ProviderError: no verdict."""


# What the server keeps for this person -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """`id`: `personal_access_token`, `api_key`, `bearer_token`, `session`, `authorized_app`...;
    `label`: plural, for people; `fields`: what making one asks for (empty: cannot be made here);
    `unavailable`: why this account may not use it and what is missing, in a sentence."""

    id: str
    label: str
    fields: tuple[FormField, ...] = ()
    can_create: bool = False
    can_revoke: bool = True
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class ServerCredential:
    """One of them, never with its secret. Times in unix seconds. `hint`: how the person knows it
    again (`…a1b2`). `is_current`: the one that this account itself uses."""

    id: str
    kind: str
    name: str
    hint: str = ""
    scopes: tuple[str, ...] = ()
    created_at: float | None = None
    expires_at: float | None = None
    last_used_at: float | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class CreatedCredential:
    """`secret`: shown once. `sign_in`: how it would be kept as an account of its own, None where it
    cannot be."""

    credential: ServerCredential
    secret: Secret
    sign_in: SignInResult | None = None


@runtime_checkable
class ManagesCredentials(Protocol):
    """Raise CredentialsRefused, ScopeNotGranted (naming what is missing), InvalidRequest,
    ServerUnreachable, RateLimited, ProviderError."""

    def credential_kinds(
        self, server: Server, credential: Credential
    ) -> tuple[CredentialKind, ...]: ...

    async def list_credentials(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]: ...

    async def create_credential(
        self,
        server: Server,
        identity: Identity,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential: ...

    async def revoke_credential(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None: ...


# Other programs of this machine ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account that another program keeps. `id`: stable, no secret; `source`: the file or
    keychain item, for people; `problem`: why it cannot be taken over, empty where it can."""

    id: str
    source: str
    server_url: str
    label: str
    problem: str = ""


@runtime_checkable
class FindsAccounts(Protocol):
    async def found_accounts(self) -> Sequence[FoundAccount]:
        """What other programs keep on this machine. A file that cannot be read is a FoundAccount
        with a `problem`, never an exception."""

    async def take_over(self, found_id: str) -> SignInResult:
        """Read it again and ask its server who it is; the other program's record stays as it is.
        Raises AccountNotFound, CredentialsRefused, ServerUnreachable, ProviderError."""


@dataclass(frozen=True, slots=True)
class ExportedAccount:
    """One account that other programs shall see; `default` is true for one at most."""

    account: Account
    credential: Credential
    default: bool = False


@runtime_checkable
class ExportsAccounts(Protocol):
    """Keeps the records that today's programs of this kind of server read, in plain text: only for
    accounts that the person chose one by one."""

    @property
    def export_warning(self) -> str:
        """Where it is written and that it is plain text, in a sentence."""

    async def export(self, accounts: Sequence[ExportedAccount]) -> None:
        """Make the other programs see exactly these of ours (none: all of ours go, with nothing of
        them left in the file), and leave every record that is not ours. Called again on every
        change. Raises StorageUnavailable."""


# Environment variables ---------------------------------------------------------------------------


@runtime_checkable
class SetsVariables(Protocol):
    def variables_for(self, server: Server, credential: Credential) -> Mapping[str, Secret]:
        """The variables that this kind's programs expect. Never a refresh token. Raises
        InvalidRequest with a sentence and a hint where none would work."""


@dataclass(frozen=True, slots=True)
class VariableNote:
    """What became of one variable: honoured, or why not, in a sentence."""

    name: str
    honoured: bool
    text: str


@dataclass(frozen=True, slots=True)
class ReadVariables:
    """What variables of a file or environment say. `server_url`, `method`: how one would sign in
    according to them; `holds_credential`: whether `account_from_variables` would find one."""

    server_url: str | None = None
    method: str | None = None
    holds_credential: bool = False
    notes: tuple[VariableNote, ...] = ()


@runtime_checkable
class ReadsVariables(Protocol):
    @property
    def variable_names(self) -> tuple[str, ...]: ...

    def read_variables(self, variables: Mapping[str, Secret]) -> ReadVariables:
        """`variables`: those of `variable_names` that are set."""

    async def account_from_variables(self, variables: Mapping[str, Secret]) -> SignInResult:
        """Raises InvalidRequest (nothing usable), CredentialsRefused, ServerUnreachable,
        ProviderError."""
