"""`providers.list`: the kinds of server that this agent knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.provider import Provider
from manager.core.provider_abilities import ExportsAccounts, HasDialects, ReadsVariables
from manager.ipc.dispatcher import Handler
from manager.ipc.session import Session
from manager.services.provider_registry import ProviderRegistry


class ProvidersHandlers:
    def __init__(self, providers: ProviderRegistry) -> None:
        self._providers = providers

    def table(self) -> Mapping[str, Handler]:
        return {"providers.list": self.list}

    def list(self, session: Session, params: Any) -> dict[str, Any]:
        return {"providers": [_message(provider) for provider in self._providers.all()]}


def _message(provider: Provider) -> dict[str, Any]:
    return {
        "id": provider.id,
        "name": provider.name,
        "dialects": provider.dialects if isinstance(provider, HasDialects) else (),
        "variables": provider.variable_names if isinstance(provider, ReadsVariables) else (),
        "export_warning": provider.export_warning if isinstance(provider, ExportsAccounts) else "",
    }
