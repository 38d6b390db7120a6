"""The scripts that set a checkout up, on a machine of stubs: what they say and ask for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ["sh", "dirname", "sed", "cat", "tr", "env", "readlink", "grep", "mkdir", "cp", "sha256sum"]

INSTALL = "apt-get install --yes --no-install-recommends libegl1 -q"


class Machine:
    """A PATH with the tools above and what a test puts there; every stub writes down its call."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.commands = folder / "commands"
        self.calls = folder / "calls"
        self.commands.mkdir()
        self.calls.touch()
        shutil.copytree(ROOT / "packaging", self.checkout / "packaging")
        # This machine's own Python stands outside the stubs' PATH.
        finds_python = self.checkout / "packaging" / "python_environment.sh"
        finds_python.write_text(finds_python.read_text().replace("/usr/bin/python3 ", ""))
        for tool in TOOLS:
            where = shutil.which(tool)
            assert where, tool
            (self.commands / tool).symlink_to(where)

    def has(self, name: str, body: str = "") -> None:
        stub = self.commands / name
        stub.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.calls}\n{body}\n')
        stub.chmod(0o755)

    def has_packages(self, *, without: str = "") -> None:
        self.has(
            "dpkg-query",
            f'for name; do [ "$name" = "{without}" ] || echo "$name installed"; done',
        )

    def called(self, name: str) -> list[str]:
        calls = self.calls.read_text().splitlines()
        return [call for call in calls if call.startswith(f"{name} ")]

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", f"packaging/{script}", *arguments],
            cwd=self.checkout,
            env={"PATH": str(self.commands), "HOME": str(self.checkout)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_sudo_it_prints_the_one_command_and_ends_with_3(machine: Machine) -> None:
    machine.has_packages(without="libegl1")
    machine.has("id", "echo 1000")
    machine.has("apt-get")
    done = machine.run("setup.sh")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == (
        "  sudo apt-get install --yes --no-install-recommends libegl1"
    )
    assert machine.called("apt-get") == []


def test_it_says_what_it_installs_and_why(machine: Machine) -> None:
    machine.has_packages(without="gnome-keyring")
    machine.has("id", "echo 1000")
    done = machine.run("setup.sh")
    assert "  gnome-keyring          the keychain" in done.stdout.splitlines()


def test_root_installs_directly(machine: Machine) -> None:
    machine.has_packages(without="libegl1")
    machine.has("id", "echo 0")
    machine.has("sudo")
    machine.has("apt-get")
    machine.run("setup.sh")
    assert machine.called("apt-get") == [
        "apt-get update -q",
        INSTALL,
    ]
    assert machine.called("sudo") == []


def test_sudo_is_asked_for_packages_alone(machine: Machine) -> None:
    machine.has_packages(without="libegl1")
    machine.has("id", "echo 1000")
    machine.has("sudo")
    done = machine.run("setup.sh")
    assert "sudo is used for these packages alone." in done.stdout
    assert machine.called("sudo") == [
        "sudo -n true",
        "sudo apt-get update -q",
        f"sudo env DEBIAN_FRONTEND=noninteractive {INSTALL}",
    ]


def test_a_failed_install_ends_the_script(machine: Machine) -> None:
    machine.has_packages(without="libegl1")
    machine.has("id", "echo 0")
    machine.has("apt-get", '[ "$1" = update ] || exit 100')
    machine.has("python3", "exit 0")
    done = machine.run("setup.sh")
    assert done.returncode == 100
    assert machine.called("python3") == []


def test_nothing_missing_installs_nothing(machine: Machine) -> None:
    machine.has_packages()
    machine.has("apt-get")
    machine.has("id", "echo 0")
    machine.run("setup.sh")
    assert machine.called("apt-get") == []


def test_an_old_python_is_named(machine: Machine) -> None:
    machine.has_packages()
    machine.has("python3", "exit 1")
    done = machine.run("setup.sh")
    assert done.returncode == 4
    assert "Python 3.11 or later" in done.stderr


@pytest.mark.parametrize("script", ["setup.sh", "test.sh"])
def test_an_unknown_argument_is_refused(machine: Machine, script: str) -> None:
    done = machine.run(script, "everything")
    assert done.returncode == 2
    assert "'everything'" in done.stderr
    assert machine.calls.read_text() == ""


def test_a_second_setup_touches_nothing(machine: Machine) -> None:
    """The stamp holds the lock's and pyproject's hash: while both stand, nothing is installed."""
    machine.has_packages()
    pip = '[ "$1" = -m ] && [ "$2" = venv ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python\n'
    machine.has("python3", f"{pip}exit 0")
    for name in ("requirements-lock.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, machine.checkout)

    assert machine.run("setup.sh").returncode == 0
    assert len([call for call in machine.called("python3") if " install " in call]) == 2
    machine.calls.write_text("")
    assert machine.run("setup.sh").returncode == 0
    assert [call for call in machine.called("python3") if " pip " in call] == []

    (machine.checkout / "pyproject.toml").write_text("changed")
    assert machine.run("setup.sh").returncode == 0
    assert len([call for call in machine.called("python3") if " install " in call]) == 2


@pytest.mark.parametrize(
    "path", sorted((ROOT / "packaging/debian").glob("*.txt")), ids=lambda path: path.stem
)
def test_every_package_says_why(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    assert [line for line in lines if len(line.split(maxsplit=1)) != 2] == []
