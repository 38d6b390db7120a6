"""A keyring that answers for Mesh's SDK and hands everything else on to the real keychain.

    PYTHON_KEYRING_BACKEND=manager.integrations.keyring_backend.Keyring

It is chosen by that variable (or `keyring.set_keyring`), by the person, for one program. There is
no entry point `keyring.backends` on purpose: keyring would then load this module in every Python
program of the environment, and to be chosen among the others it would have to rank above the real
keychain for all of them. With its rank below zero nothing changes for who does not ask for it.

What the SDK writes into its slot goes nowhere: it would replace a living token by one with a
made-up end (`MeshClient(auth_token=...)`, `mesh.chat()`), and an error instead would make it fall
back to a plain-text file.
"""

from __future__ import annotations

import importlib
import json
import os
import sys

from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.credentials import Credential, SimpleCredential
from keyring.errors import PasswordDeleteError

from manager.client import Client

from .mesh import token_record

SERVICE, USERNAME = "mesh-sdk", "default"
_REAL = {
    "darwin": ("keyring.backends.macOS",),
    "win32": ("keyring.backends.Windows",),
}
_REAL_ELSEWHERE = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
)
_CLASSES = {
    "keyring.backends.Windows": "WinVaultKeyring",
    "keyring.backends.kwallet": "DBusKeyring",
}


class Keyring(KeyringBackend):
    """`get_password("mesh-sdk", "default")` raises NoMeshToken where there is no token."""

    priority = -1  # a class property there, a plain value in keyring's own backends too

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._client = Client()
        self._real: KeyringBackend | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if not _is_ours(service, username):
            return self._beneath().get_password(service, username)
        if os.environ.get("MESH_API_KEY", "").startswith("mesh_"):
            return None  # it wins over every token, so the SDK needs none
        return json.dumps(token_record(self._client))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not _is_ours(service, username):
            self._beneath().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        if _is_ours(service, username):
            raise PasswordDeleteError("Sign out in Account Manager, which keeps this account.")
        self._beneath().delete_password(service, username)

    def get_credential(self, service: str, username: str | None) -> Credential | None:
        if not _is_ours(service, username or USERNAME):
            return self._beneath().get_credential(service, username)
        password = self.get_password(service, USERNAME)
        return None if password is None else SimpleCredential(USERNAME, password)

    def _beneath(self) -> KeyringBackend:
        if self._real is None:
            self._real = real_keychain()
        return self._real


def real_keychain(platform: str = sys.platform) -> KeyringBackend:
    """The best keychain of the desktop that works here, by name: never a file, never whatever else
    is installed, never ourselves. Without one, keyring's own backend that says so."""
    found = []
    for module in _REAL.get(platform, _REAL_ELSEWHERE):
        try:
            backend = getattr(importlib.import_module(module), _CLASSES.get(module, "Keyring"))
        except ImportError:
            continue
        if backend.viable:
            found.append(backend)
    best = max(found, key=lambda backend: backend.priority, default=fail.Keyring)
    made: KeyringBackend = best()
    return made


def _is_ours(service: str, username: str | None) -> bool:
    return service == SERVICE and username == USERNAME
