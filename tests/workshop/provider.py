"""A provider with every ability there is, for WorkshopServer. Its other programs keep
`~/.workshop.json`, read `~/.workshop-shown.json`, and take WORKSHOP_URL and WORKSHOP_TOKEN."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, Credential, OAuthTokens
from manager.core.errors import (
    AccountNotFound,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RefreshRefused,
    ScopeNotGranted,
    ServerUnreachable,
    StorageUnavailable,
)
from manager.core.moment import Validity
from manager.core.provider import (
    Refreshed,
    RequestToAuthorize,
    ServerProbe,
    SignInMethod,
    SignInResult,
)
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ExportedAccount,
    FoundAccount,
    ReadVariables,
    ServerCredential,
    SignedOutThere,
    StillSignedIn,
    VariableNote,
    Verification,
)
from manager.core.secret import Secret
from manager.core.sign_in_form import FieldKind, FormField
from manager.providers.context import ProviderContext
from manager.providers.http_answer import HttpAnswer

_KEY_FIELDS = (
    FormField("name", "Name"),
    FormField("scopes", "Scopes", FieldKind.WORDS, required=False, default="read"),
    FormField("pin", "PIN", FieldKind.SECRET, required=False),
)


class WorkshopProvider:
    id = "workshop"
    name = "Workshop"
    variable_names = ("WORKSHOP_URL", "WORKSHOP_TOKEN", "WORKSHOP_COLOUR")
    export_warning = "Writes the token in plain text to ~/.workshop-shown.json."

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        self.revoked: list[Credential] = []
        self.exports = 0
        self.disk_full = False
        self.created_session: SignInResult | None = None

    @property
    def home(self) -> Path:
        return Path(self._context.environ["ACCOUNT_MANAGER_HOME"])

    # A provider ---------------------------------------------------------------------------------

    async def probe(self, url: str) -> ServerProbe | None:
        answer = await self._context.http.request("GET", f"{url}/workshop")
        if answer.status != 200:
            return None
        return ServerProbe(self.id, Server(url, self.name), (SignInMethod.FORM,))

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        assert isinstance(credential, OAuthTokens)
        assert credential.refresh_token is not None
        sent = {"refresh": credential.refresh_token.reveal()}
        answer = await self._context.http.request("POST", f"{server.url}/refresh", json=sent)
        if answer.status >= 500:
            raise ServerUnreachable("The workshop is closed.")
        if answer.status != 200:
            raise RefreshRefused("no")
        fields = answer.json()
        return Refreshed(
            replace(
                credential,
                access_token=Secret(fields["access"]),
                refresh_token=Secret(fields["refresh"]),
                validity=Validity(self._context.clock.now(), 3600.0),
            )
        )

    async def revoke(self, server: Server, credential: Credential) -> None:
        self.revoked.append(credential)
        await self._ask("DELETE", f"{server.url}/session", credential)

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {_token(credential)}"}

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        return (server.url,)

    # Its abilities ------------------------------------------------------------------------------

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        try:
            await self._ask("GET", f"{server.url}/me", credential)
        except CredentialsRefused:
            return SignedOutThere("The workshop does not know this key any more.")
        return StillSignedIn(server)

    def credential_kinds(
        self, server: Server, credential: Credential
    ) -> tuple[CredentialKind, ...]:
        gates = CredentialKind(
            "gate", "Gates", can_revoke=False, unavailable="Only the foreman opens gates."
        )
        return CredentialKind("key", "Keys", _KEY_FIELDS, can_create=True), gates

    async def list_credentials(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        answer = await self._ask("GET", f"{server.url}/keys", credential)
        return [_shown(each) for each in answer.json()]

    async def create_credential(
        self,
        server: Server,
        identity: Identity,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential:
        scopes = values["scopes"].reveal().replace(",", " ").split() if "scopes" in values else []
        wanted = {"name": values["name"].reveal(), "scopes": scopes}
        answer = await self._ask("POST", f"{server.url}/keys", credential, wanted)
        made = answer.json()
        kept = (
            None if wanted["name"] == "loose" else await self._signed_in(server.url, made["secret"])
        )
        return CreatedCredential(_shown(made), Secret(made["secret"]), kept)

    async def revoke_credential(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None:
        await self._ask("DELETE", f"{server.url}/keys/{credential_id}", credential)

    async def found_accounts(self) -> Sequence[FoundAccount]:
        source = self.home / ".workshop.json"
        if not source.exists():
            return []
        try:
            kept = json.loads(source.read_text())
        except ValueError:
            return [FoundAccount("broken", str(source), "", "", problem="It is no JSON.")]
        return [
            FoundAccount(each["id"], str(source), each["url"], "ada@workshop.example")
            for each in kept
        ]

    async def take_over(self, found_id: str) -> SignInResult:
        source = self.home / ".workshop.json"
        for each in json.loads(source.read_text()) if source.exists() else []:
            if each["id"] == found_id:
                return await self._signed_in(each["url"], each["token"])
        raise AccountNotFound("It is not there any more.")

    async def export(self, accounts: Sequence[ExportedAccount]) -> None:
        self.exports += 1
        if self.disk_full:
            raise StorageUnavailable("The disk is full.")
        shown = self.home / ".workshop-shown.json"
        rows = [
            {
                "url": each.account.server.url,
                "token": _token(each.credential),
                "default": each.default,
            }
            for each in accounts
        ]
        shown.write_text(json.dumps(rows))

    def variables_for(self, server: Server, credential: Credential) -> Mapping[str, Secret]:
        if isinstance(credential, ApiKey) and credential.key_id == "fixed":
            raise InvalidRequest("A fixed key is not for scripts.", hint="Make another key.")
        return {"WORKSHOP_URL": Secret(server.url), "WORKSHOP_TOKEN": Secret(_token(credential))}

    def read_variables(self, variables: Mapping[str, Secret]) -> ReadVariables:
        notes = [VariableNote(name, name != "WORKSHOP_COLOUR", _note(name)) for name in variables]
        return ReadVariables(
            server_url=variables["WORKSHOP_URL"].reveal() if "WORKSHOP_URL" in variables else None,
            method="key",
            holds_credential={"WORKSHOP_URL", "WORKSHOP_TOKEN"} <= set(variables),
            notes=tuple(notes),
        )

    async def account_from_variables(self, variables: Mapping[str, Secret]) -> SignInResult:
        if not self.read_variables(variables).holds_credential:
            raise InvalidRequest("WORKSHOP_TOKEN is missing.")
        return await self._signed_in(
            variables["WORKSHOP_URL"].reveal(), variables["WORKSHOP_TOKEN"].reveal()
        )

    # Over HTTP ----------------------------------------------------------------------------------

    async def _signed_in(self, url: str, token: str) -> SignInResult:
        credential = ApiKey(Secret(token))
        person = (await self._ask("GET", f"{url}/me", credential)).json()
        identity = Identity(person["id"], person["email"], person["name"], key=token[-6:])
        return SignInResult(
            server=Server(url, self.name),
            identity=identity,
            credential=credential,
            scopes=("read",),
            capabilities=("token",),
        )

    async def _ask(
        self, method: str, url: str, credential: Credential, sent: object = None
    ) -> HttpAnswer:
        answer = await self._context.http.request(
            method, url, headers={"Authorization": f"Bearer {_token(credential)}"}, json=sent
        )
        match answer.status:
            case 401:
                raise CredentialsRefused("The workshop does not know this key.")
            case 403:
                missing = answer.json()["missing"]
                raise ScopeNotGranted(f"The workshop wants the scope {missing!r} for this.")
            case 404:
                raise InvalidRequest("The workshop has no such key.")
            case status if status >= 500:
                raise ServerUnreachable("The workshop is closed.")
            case status if status != 200:
                raise ProviderError("The workshop is in a muddle.")
        return answer


def _token(credential: Credential) -> str:
    if isinstance(credential, OAuthTokens):
        return credential.access_token.reveal()
    assert isinstance(credential, ApiKey)
    return credential.key.reveal()


def _shown(fields: Mapping[str, object]) -> ServerCredential:
    return ServerCredential(
        id=str(fields["id"]),
        kind="key",
        name=str(fields["name"]),
        hint=f"…{fields['hint']}",
        scopes=tuple(fields["scopes"]),  # type: ignore[arg-type]
        created_at=1_700_000_000.0,
        is_current=bool(fields["current"]),
    )


def _note(name: str) -> str:
    return "Workshops are grey." if name == "WORKSHOP_COLOUR" else "Used to sign in."
