"""Which keychain stands beneath ours, and that nobody gets ours unasked."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import keyring.backend
import pytest
from keyring.backends import fail, null
from keyring.errors import NoKeyringError, PasswordDeleteError

from manager.integrations import keyring_backend
from manager.integrations.keyring_backend import Keyring, real_keychain


class Beneath(keyring.backend.KeyringBackend):
    priority = 5
    viable = True

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, ...]] = []

    def get_password(self, service, username):
        self.calls.append(("get", service, username))
        return "beneath"

    def set_password(self, service, username, password):
        self.calls.append(("set", service, username, password))

    def delete_password(self, service, username):
        self.calls.append(("delete", service, username))


@pytest.fixture
def beneath(monkeypatch: pytest.MonkeyPatch) -> Beneath:
    made = Beneath()
    monkeypatch.setattr(keyring_backend, "real_keychain", lambda: made)
    return made


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    record: dict[str, object] = {"access_token": "a.b.c", "expires_at": 1}
    monkeypatch.delenv("MESH_API_KEY", raising=False)
    monkeypatch.setattr(keyring_backend, "token_record", lambda client: record)
    return record


@pytest.mark.parametrize("service", ["other", "mesh-sdk-2", "MESH-SDK", ""])
def test_every_other_service_passes_through(beneath: Beneath, service: str) -> None:
    ours = Keyring()
    assert ours.get_password(service, "default") == "beneath"
    ours.set_password(service, "default", "word")
    ours.delete_password(service, "default")
    assert [call[0] for call in beneath.calls] == ["get", "set", "delete"]
    found = ours.get_credential(service, "default")
    assert found is not None
    assert found.password == "beneath"


def test_another_user_of_the_sdks_service_passes_through(beneath: Beneath) -> None:
    assert Keyring().get_password("mesh-sdk", "somebody") == "beneath"


def test_the_slot_is_the_agents(beneath: Beneath, given: dict[str, object]) -> None:
    ours = Keyring()
    assert json.loads(ours.get_password("mesh-sdk", "default") or "") == given
    for username in ("default", None):
        credential = ours.get_credential("mesh-sdk", username)
        assert credential is not None
        assert json.loads(credential.password) == given
    ours.set_password("mesh-sdk", "default", "word")
    with pytest.raises(PasswordDeleteError, match="Account Manager"):
        ours.delete_password("mesh-sdk", "default")
    assert beneath.calls == []


def test_a_key_in_the_variables_needs_no_slot(given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESH_API_KEY", "mesh_key")
    assert Keyring().get_password("mesh-sdk", "default") is None
    assert Keyring().get_credential("mesh-sdk", "default") is None


# Which one is beneath ----------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_without_a_keychain_it_says_so(platform: str) -> None:
    found = real_keychain(platform)
    assert isinstance(found, fail.Keyring)
    with pytest.raises(NoKeyringError):
        found.get_password("other", "somebody")


def test_nothing_that_is_not_named_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other backends of the environment (plain-text files among them), and ours, stand aside."""
    monkeypatch.setattr(null.Keyring, "priority", 99)
    monkeypatch.setattr(Keyring, "priority", 99)
    allowed = {
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.libsecret",
        "keyring.backends.fail",
    }
    assert type(real_keychain("linux")).__module__ in allowed


def test_it_is_chosen_by_its_name_alone() -> None:
    names = [each.value for each in importlib.metadata.entry_points(group="keyring.backends")]
    assert not [name for name in names if "manager" in name]
    script = (
        "import manager.integrations.keyring_backend as ours, keyring;"
        "print(type(keyring.get_keyring()).__module__)"
    )
    for environment, expected in (
        ({}, "keyring.backends"),
        (
            {"PYTHON_KEYRING_BACKEND": f"{keyring_backend.__name__}.Keyring"},
            keyring_backend.__name__,
        ),
    ):
        command = [sys.executable, "-c", script]
        said = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        assert said.stdout.strip().startswith(expected)


def test_the_module_is_python_3_9() -> None:
    import ast
    from pathlib import Path

    folder = Path(keyring_backend.__file__).parent
    for name in ("keyring_backend.py", "mesh.py"):
        ast.parse((folder / name).read_text(), feature_version=(3, 9))
