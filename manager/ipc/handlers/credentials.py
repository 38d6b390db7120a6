"""`credentials.*`: what an account's server keeps for its person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.errors import InvalidRequest
from manager.core.ports import Clock
from manager.core.provider_abilities import CredentialKind, ServerCredential
from manager.ipc.account_messages import account_message
from manager.ipc.dispatcher import Handler
from manager.ipc.session import Session
from manager.ipc.sign_in_messages import field_message
from manager.services.accounts import AccountsService
from manager.services.server_credentials import ServerCredentialsService


class CredentialsHandlers:
    def __init__(
        self, accounts: AccountsService, credentials: ServerCredentialsService, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
        self._clock = clock

    def table(self) -> Mapping[str, Handler]:
        return {
            "credentials.kinds": self.kinds,
            "credentials.list": self.list,
            "credentials.create": self.create,
            "credentials.revoke": self.revoke,
        }

    async def kinds(self, session: Session, params: Any) -> dict[str, Any]:
        kinds = await self._credentials.kinds(params.account)
        return {"kinds": [_kind(each) for each in kinds]}

    async def list(self, session: Session, params: Any) -> dict[str, Any]:
        found = await self._credentials.list(params.account, params.kind)
        return {"credentials": [_credential(each) for each in found]}

    async def create(self, session: Session, params: Any) -> dict[str, Any]:
        if not all(isinstance(value, str) for value in params.values.values()):
            raise InvalidRequest("values are texts by the names of the kind's fields.")
        created = await self._credentials.create(
            params.account, params.kind, params.values, keep=bool(params.keep)
        )
        answer: dict[str, Any] = {"credential": _credential(created.credential)}
        if created.secret is not None:
            answer["secret"] = created.secret.reveal()
        if created.account is not None:
            holding = self._accounts.holding(created.account.id)
            defaults, now = self._accounts.defaults, self._clock.now()
            answer["account"] = account_message(holding, defaults, now)
        return answer

    async def revoke(self, session: Session, params: Any) -> dict[str, Any]:
        await self._credentials.revoke(params.account, params.kind, params.credential)
        return {"revoked": True}


def _kind(kind: CredentialKind) -> dict[str, Any]:
    return {
        "id": kind.id,
        "label": kind.label,
        "fields": [field_message(field) for field in kind.fields],
        "can_create": kind.can_create and not kind.unavailable,
        "can_revoke": kind.can_revoke and not kind.unavailable,
        "unavailable": kind.unavailable,
    }


def _credential(credential: ServerCredential) -> dict[str, Any]:
    return {
        "id": credential.id,
        "kind": credential.kind,
        "name": credential.name,
        "hint": credential.hint,
        "scopes": credential.scopes,
        "created_at": credential.created_at,
        "expires_at": credential.expires_at,
        "last_used_at": credential.last_used_at,
        "is_current": credential.is_current,
    }
