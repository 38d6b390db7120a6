from __future__ import annotations

import subprocess
import sys

import pytest

from manager.system.headless import MachineFacts, here, surroundings

LINUX = MachineFacts("linux")
CONTAINER = MachineFacts("linux", container=True)
EDITOR = MachineFacts("linux", browser_program=True)
SCREEN = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22"}
LOADED = """
import sys, manager.system.headless
print(*(name for name in ("asyncio", "httpx", "platformdirs") if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("environ", "facts", "why"),
    [
        ({}, LINUX, "no display"),
        ({"DISPLAY": "", "WAYLAND_DISPLAY": ""}, LINUX, "no display"),
        (SSH, LINUX, "SSH"),
        (SSH | SCREEN, LINUX, "SSH"),
        (SSH | {"DISPLAY": "localhost:10.0"}, LINUX, "SSH"),
        ({"SSH_TTY": "/dev/pts/1"}, MachineFacts("darwin"), "SSH"),
        ({"SSH_CLIENT": "10.0.0.1 5000 22"}, MachineFacts("win32"), "SSH"),
        ({}, CONTAINER, "container"),
        ({"container": "podman"}, LINUX, "container"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"} | SCREEN, CONTAINER, "Kubernetes"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, LINUX, "cloud function"),
        ({"CI": "true"} | SCREEN, LINUX, "automated"),
        ({"GITHUB_ACTIONS": "true"}, CONTAINER, "automated"),
        ({"JENKINS_URL": "http://jenkins"}, MachineFacts("win32"), "automated"),
        ({"ACCOUNT_MANAGER_HEADLESS": "1"} | SCREEN, LINUX, "ACCOUNT_MANAGER_HEADLESS"),
        ({"ACCOUNT_MANAGER_HEADLESS": " Yes "}, MachineFacts("darwin"), "ACCOUNT_MANAGER_HEADLESS"),
        ({"ACCOUNT_MANAGER_HEADLESS": "1"}, EDITOR, "ACCOUNT_MANAGER_HEADLESS"),
    ],
)
def test_no_browser_can_open(environ: dict[str, str], facts: MachineFacts, why: str) -> None:
    found = surroundings(environ, facts)
    assert found.headless
    assert why in found.why


@pytest.mark.parametrize(
    ("environ", "facts"),
    [
        (SCREEN, LINUX),
        ({"WAYLAND_DISPLAY": "wayland-0"}, LINUX),
        (SCREEN, CONTAINER),  # a developer's container that is given the display
        ({}, MachineFacts("darwin")),
        ({}, MachineFacts("win32")),
        (SCREEN | {"CI": "false"}, LINUX),
        (SSH, EDITOR),  # an editor that works on another machine
        ({}, EDITOR),
        ({"ACCOUNT_MANAGER_HEADLESS": "0"}, LINUX),
        (SSH | {"ACCOUNT_MANAGER_HEADLESS": "0", "CI": "1"}, CONTAINER),
        (SCREEN | {"ACCOUNT_MANAGER_HEADLESS": "perhaps"}, LINUX),
        (SCREEN | {"ACCOUNT_MANAGER_HEADLESS": ""}, LINUX),
    ],
)
def test_a_browser_can_open(environ: dict[str, str], facts: MachineFacts) -> None:
    assert not surroundings(environ, facts).headless


def test_the_facts_of_this_machine() -> None:
    if sys.platform.startswith("linux"):
        assert here({}).headless
    assert not here({"BROWSER": "no-such-program:sh", "PATH": "/bin:/usr/bin"}).headless
    assert here({"BROWSER": "no-such-program %s", "PATH": "/bin"}).headless


def test_the_command_line_does_not_pay_for_the_agent_s_parts() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            LOADED,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == ""
