"""The example, built and installed as its author would: found by its entry point, loaded only when
the person named it, and an account like any other from then on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hardship.running_agent import RunningAgent
from tests.providers.example.acme_server import AcmeServer
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession

pytestmark = [pytest.mark.real, pytest.mark.whole]
FOLDER = Path(__file__).parents[3] / "resources" / "examples" / "acme_provider"
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
KEY = "acme-key-of-alice"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with this program and its packages, and the example's wheel besides."""
    folder = tmp_path_factory.mktemp("plug-in")
    source = shutil.copytree(FOLDER, folder / "source")
    _run([sys.executable, "-c", BUILD, str(folder)], source)
    environment = folder / "environment"
    _run([sys.executable, "-m", "venv", "--without-pip", str(environment)], folder)
    interpreter = environment / "bin" / "python"
    (packages,) = environment.glob("lib/python*/site-packages")
    paths = [path for path in sys.path if path.endswith("site-packages")]
    root = str(Path(__file__).parents[3])
    (packages / "beside.pth").write_text("\n".join([*paths, root]))
    (wheel,) = folder.glob("*.whl")
    options = ["--quiet", "--disable-pip-version-check", "--python", str(interpreter)]
    install = [sys.executable, "-m", "pip", *options, "install", "--no-deps", "--no-index"]
    _run([*install, str(wheel)], folder)
    return interpreter


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def agent(
    python: Path, private_session: PrivateSession, keychain: Keychain
) -> Iterator[RunningAgent]:
    home = private_session.folder / "plug-in"
    program = (str(python), "-I", "-m", "manager")
    with RunningAgent(private_session, home, program) as running:
        yield running


def test_only_what_the_person_named_is_loaded(agent: RunningAgent) -> None:
    with AcmeServer() as server:
        assert "Acme" not in agent.refusal("servers.probe", url=server.url).message
        agent.stop()
        settings = agent.home / "config" / "settings.toml"
        settings.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.write_text('[providers]\nload = ["acme"]\n')
        agent.start()
        probe = agent.call("servers.probe", url=server.url)
        assert (probe["provider"], probe["provider_name"]) == ("acme", "Acme")
        assert [form["id"] for form in probe["forms"]] == ["api_key"]
        begun = agent.call("sign_in.begin", server=server.url)
        fields = {"key": KEY}
        account = agent.call("sign_in.submit", sign_in=begun["sign_in"], fields=fields)["account"]
        assert account["identity"] == "alice@example.com"
        assert agent.token(account["id"])["access_token"] == KEY
        server.revoke_everything()
        verdict = agent.call("accounts.verify", account=account["id"])
        assert verdict["verdict"] == "signed_out"
        assert verdict["message"] == "The key was taken back."
