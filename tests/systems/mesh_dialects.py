"""Mesh: the browser through the backend, a code at its tenant, and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from manager.practice.mesh_server import MeshServer
from manager.practice.practice_server import PracticeServer

from .browser_dialects import ByBrowser
from .device_dialects import ByDevice
from .dialect import Dialect
from .form_dialects import ByForm

DAY = 86_400.0


class Mesh(Dialect):
    """Auth0 ends the grant; an access token that is out lives to its end."""

    provider = "mesh"
    ages_by = DAY + 60
    lives_out = True
    verifies_away = True

    @contextmanager
    def running(self) -> Iterator[None]:
        with MeshServer() as self._server:
            self._server.change_faults(device_interval=0.1)
            yield

    @property
    def server(self) -> PracticeServer[Any]:
        return self._server

    def resource(self) -> tuple[str, str]:
        return "GET", f"{self.server.url}/auth/profile"

    def refreshes(self) -> int:
        return self._server.refreshes


class MeshBrowser(Mesh, ByBrowser):
    name = "mesh browser"
    wrong_kind = "sign_in_denied"

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "redirect": "paste"}


class MeshDevice(Mesh, ByDevice):
    name = "mesh device code"
    wrong_kind = "sign_in_denied"

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "method": "device"}


class MeshApiKey(Mesh, ByForm):
    """Nothing is known of a way to end a key."""

    name = "mesh API key"
    form = "api_key"
    renews = False
    ends = False
    ages_by = None
    lives_out = False
    verifies_away = False

    def typed(self) -> Mapping[str, str]:
        return {"key": self._server.new_key().value}

    def mistyped(self) -> Mapping[str, str]:
        return {"key": "mesh_" + "A" * 43}


DIALECTS: tuple[type[Dialect], ...] = (MeshBrowser, MeshDevice, MeshApiKey)
