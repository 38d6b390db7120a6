"""An environment made to load code or leak keys: nothing of it reaches the agent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from tests.hardship.running_agent import RunningAgent, is_root
from tests.hardship.tls_server import TlsServer
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

FOREIGN = """
import os, sys
with open({mark!r}, "a") as file:
    file.write("{name} " + " ".join(sys.argv) + "\\n")
"""
KEYRING = """\
[backend]
default-keyring=evil_backend.Keyring
keyring-path={folder}
"""


class Poison:
    """Files that leave a mark when they are loaded, and the environment that names them."""

    def __init__(self, session: PrivateSession) -> None:
        folder = session.folder / "poison"
        folder.mkdir()
        self.mark = folder / "loaded"
        self.key_log = folder / "tls-keys"
        for name in (
            "sitecustomize",
            "usercustomize",
            "evil_backend",
            "manager",
            "keyring",
            "httpx",
        ):
            text = FOREIGN.format(mark=str(self.mark), name=name)
            (folder / f"{name}.py").write_text(text)
        for place in (session.home / ".config", session.home / ".local/share", folder / "config"):
            where = place / "python_keyring"
            where.mkdir(parents=True)
            (where / "keyringrc.cfg").write_text(KEYRING.format(folder=folder))
        self.environment = {
            "PYTHONPATH": str(folder),
            "PYTHONSTARTUP": str(folder / "sitecustomize.py"),
            "PYTHONUSERBASE": str(folder),
            "PYTHONBREAKPOINT": "evil_backend.Keyring",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "KEYRING_PROPERTY_APPID": "evil",
            "KEYRING_PROPERTY_KEYCHAIN": "evil",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "SSLKEYLOGFILE": str(self.key_log),
            "SSL_CERT_FILE": "/dev/null",
            "OPENSSL_CONF": str(folder / "openssl.cnf"),
            "QT_PLUGIN_PATH": str(folder),
        }


@pytest.fixture
def poison(private_session: PrivateSession) -> Poison:
    return Poison(private_session)


@pytest.fixture
def poisoned(
    private_session: PrivateSession, keychain: Keychain, poison: Poison
) -> Iterator[RunningAgent]:
    """Not running: its commands and its start have the poison in their environment."""
    agent = RunningAgent(private_session, private_session.folder / "am")
    agent.environment |= poison.environment
    yield agent
    agent.command("stop")
    until(lambda: agent.command("status").returncode == 69, "end of the agent")
    agent.stop()


def environment_of(process: int) -> set[str]:
    text = Path(f"/proc/{process}/environ").read_bytes().decode()
    return {each.partition("=")[0] for each in text.split("\0") if each}


@pytest.mark.parametrize("how", ["started by a command", "started by hand"])
def test_nothing_foreign_is_loaded(
    poisoned: RunningAgent,
    poison: Poison,
    keychain: Keychain,
    server: AuthorizationServer,
    tmp_path: Path,
    how: str,
) -> None:
    if how == "started by hand":
        poisoned.start()
    else:
        assert poisoned.command("accounts").returncode == 0
    process = poisoned.call("agent.status")["pid"]
    account = poisoned.sign_in(server)["id"]
    assert server.accepts(poisoned.token(account)["access_token"])
    assert len(keychain.items()) == 1, "the real keychain, not one that was named"
    with TlsServer(tmp_path) as foreign:
        assert poisoned.refusal("servers.probe", url=foreign.url).kind == "server_unreachable"
        assert foreign.handshakes > 0
    assert not poison.key_log.exists()
    assert not poison.mark.exists(), poison.mark.read_text()
    if is_root() and how == "started by a command":
        kept = environment_of(process) & set(poison.environment)
        assert kept <= {"XDG_CONFIG_HOME"}
    mapped = Path(f"/proc/{process}/maps").read_text() if is_root() else ""
    assert str(poison.mark.parent) not in mapped


def test_the_poison_works_where_nothing_is_done_against_it(
    private_session: PrivateSession, poison: Poison
) -> None:
    private_session.environment |= poison.environment
    private_session.run([sys.executable, "-c", "import manager"])
    assert "sitecustomize" in poison.mark.read_text()
    assert "manager" in poison.mark.read_text()
