"""The wheel: everything lies in it, and its smallest size needs nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the locked build backend, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert built.returncode == 0, built.stderr
    return folder / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    """Installed without any dependency: all that pip does for a pure wheel is to unpack it."""
    folder = wheel.parent / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A Python without site-packages: the standard library and the wheel alone."""
    start = f"import sys; sys.path.insert(0, {str(unpacked)!r}); {script}"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start],
        env={"HOME": str(home), "ACCOUNT_MANAGER_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_resources_lie_in_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "manager/resources/servers.toml" in names
    assert "manager/resources/icons/io.github.account_manager.svg" in names
    assert "manager/py.typed" in names
    assert [name for name in names if name.startswith(("tests/", "packaging/"))] == []


def test_the_base_size_has_no_dependencies(unpacked: Path) -> None:
    metadata = Parser().parsestr(next(unpacked.glob("*.dist-info/METADATA")).read_text("utf-8"))
    required = metadata.get_all("Requires-Dist") or []
    assert required
    assert [each for each in required if "extra ==" not in each] == []
    assert {"agent", "desktop"} <= set(metadata.get_all("Provides-Extra") or [])


def test_the_client_needs_nothing_else(unpacked: Path, tmp_path: Path) -> None:
    script = "from manager.client import AsyncClient, Client; print(Client, AsyncClient)"
    done = run(unpacked, script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("role", "size"), [("agent", "agent"), ("demo", "agent"), ("", "desktop")], ids=str
)
def test_a_role_that_is_not_installed_says_which_size_it_needs(
    unpacked: Path, tmp_path: Path, role: str, size: str
) -> None:
    arguments = [role] if role else []
    script = f"from manager.__main__ import main; sys.exit(main({arguments!r}))"
    display = "import os; os.environ['DISPLAY'] = ':4711'; "
    done = run(unpacked, display + script, tmp_path)
    assert done.returncode == 69
    assert f"account-manager[{size}]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_token_without_an_agent_says_what_is_missing(unpacked: Path, tmp_path: Path) -> None:
    script = "from manager.__main__ import main; sys.exit(main(['token']))"
    done = run(unpacked, script, tmp_path)
    assert done.returncode == 69
    assert "account-manager agent" in done.stderr
    assert "Traceback" not in done.stderr
