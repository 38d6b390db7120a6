"""The stand-in held to the real thing: the unmodified SDK, with its own strategies, is content."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from manager.practice.foxnose_server import FoxNoseServer

pytestmark = pytest.mark.real
PROGRAM = Path(__file__).with_name("sdk_program.py")


def test_the_sdk_is_served_and_refused_as_its_documents_say(
    sdk_python: Callable[[str], Path],
) -> None:
    with FoxNoseServer() as server:
        login = {"email": "alice@example.com", "password": "x"}
        pair = httpx.post(server.url + "/account/auth/", json=login, trust_env=False).json()
        asked = {
            "url": server.url, "flux_url": server.flux_url, "environment": server.environment,
            "access": pair["access"],
        }  # fmt: skip
        done = subprocess.run(
            [str(sdk_python("foxnose-sdk")), "-I", str(PROGRAM)],
            input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    for name in ("simple", "secure", "bearer"):
        assert said[name] == [6, 6, "v1"]
    assert said["keys"] == ["Kiosk"]
    assert said["prefix"] is True
    assert said["organizations"] == 1
    assert said["environments"] == [server.environment]
    assert said["apis"] == [["v1", True]]
    assert said["semicolon"][0] == 401
    assert said["no bearer"][:2] == [401, "authentication_required"]
    assert said["no key"][:2] == [401, "authentication_required"]
    assert said["no person"][:2] == [401, "authentication_failed"]
    assert said["no such key"][:2] == [404, "not_found"]
    assert said["wrong body"][:2] == [422, "validation_error"]
