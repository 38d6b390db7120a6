"""A hardened process dumps nothing, shows nothing and loads nothing foreign."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.system.hardening import is_poisoned, scrub_environment

_REPORT = """
import ctypes, json, os, resource
from manager.system.hardening import harden_process
harden_process()
print(json.dumps({
    "umask": os.umask(0),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "files": resource.getrlimit(resource.RLIMIT_NOFILE),
    "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
    "environ": sorted(os.environ),
}))
"""


def _run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", code],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_hardened_process() -> None:
    report = json.loads(
        _run(_REPORT, SSLKEYLOGFILE="/tmp/keys", PYTHONPATH="/tmp", KEYRING_BACKEND="x.y").stdout
    )
    assert report["umask"] == 0o077
    assert report["core"] == [0, 0]
    assert report["dumpable"] == 0
    assert not {"SSLKEYLOGFILE", "PYTHONPATH", "KEYRING_BACKEND"} & set(report["environ"])
    assert "PATH" in report["environ"]


def test_a_soft_limit_of_open_files_is_raised_to_the_hard_one() -> None:
    lower = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 900))\n{_REPORT}"
    assert json.loads(_run(lower).stdout)["files"] == [900, 900]


def test_a_front_door_stays_open_to_its_users_portals() -> None:
    code = _REPORT.replace("harden_process", "harden_front_door")
    report = json.loads(_run(code, PYTHONPATH="/tmp").stdout)
    assert (report["umask"], report["dumpable"]) == (0o077, 1)
    assert "PYTHONPATH" not in report["environ"]


_ERRORS = {
    "main": "redeem('canary-2')",
    "thread": "t = threading.Thread(target=redeem, args=['canary-2']); t.start(); t.join()",
    "finalizer": "K = type('K', (), {'__del__': lambda self: redeem('canary-2')}); K()",
    "task group": "asyncio.run(group())",
    "chain": "chained()",
    "note": "noted()",
    "traceback kept in a local": "kept()",
}


@pytest.mark.parametrize("code", _ERRORS.values(), ids=_ERRORS)
def test_an_uncaught_error_says_where_and_not_what(code: str) -> None:
    result = _run(
        "from manager.system.hardening import harden_process\n"
        "import asyncio, threading\n"
        "harden_process()\n"
        "def redeem(code):\n    raise ValueError('token canary-1 ' + code)\n"
        "async def later():\n    redeem('canary-2')\n"
        "async def group():\n"
        "    async with asyncio.TaskGroup() as tasks: tasks.create_task(later())\n"
        "def chained():\n"
        "    try: redeem('canary-2')\n"
        "    except ValueError as cause: raise ValueError('canary-3') from cause\n"
        "def noted():\n"
        "    try: redeem('canary-2')\n"
        "    except ValueError as error: error.add_note('canary-3'); raise\n"
        "def kept():\n"
        "    kept = {'token': 'canary-3'}\n"
        "    redeem(kept['token'])\n" + code + "\n"
    )
    assert result.stderr.count("  File ") == 0
    assert "in redeem" in result.stderr or code == _ERRORS["chain"]
    assert "ValueError" in result.stderr
    assert "canary" not in result.stderr


@pytest.mark.parametrize(
    "name",
    [
        "SSLKEYLOGFILE",
        "SSL_CERT_FILE",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "pythonpath",
        "KEYRING_PROPERTY_SCHEME",
        "QT_PLUGIN_PATH",
        "QT_QPA_PLATFORM_PLUGIN_PATH",
        "QML2_IMPORT_PATH",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "DYLD_INSERT_LIBRARIES",
    ],
)
def test_poisoned(name: str) -> None:
    environ = {name: "x", "HOME": "/home/ada"}
    assert scrub_environment(environ) == [name]
    assert environ == {"HOME": "/home/ada"}


@pytest.mark.parametrize(
    "name",
    ["HTTPS_PROXY", "no_proxy", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "DISPLAY", "PYTHONUTF8",
     "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "ACCOUNT_MANAGER_HOME"],
)  # fmt: skip
def test_what_the_person_needs_stays(name: str) -> None:
    assert not is_poisoned(name)


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_scrubbing_twice_is_scrubbing_once(environ: dict[str, str]) -> None:
    scrub_environment(environ)
    assert scrub_environment(environ) == []
