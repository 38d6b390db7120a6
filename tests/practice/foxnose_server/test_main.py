"""The stand-in as a process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx


def test_it_says_where_it_is_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "manager.practice.foxnose_server"]
    faults = ["--faults", '{"access_lifetime": 60}']
    with subprocess.Popen([*command, *faults], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert httpx.get(ready["url"] + "/organizations/").status_code == 401
        assert httpx.get(f"{ready['flux_url']}/{ready['api_prefix']}/a").status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
