"""try.sh gives the demo a keychain: the session's, or one of its own that leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession, processes_at
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
DEMO = """\
#!{python}
import os, secretstorage, sys
connection = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(connection)
item = collection.create_item("practice", {{}}, b"value")
print("kept", item.get_secret() == b"value")
print("home", os.environ["HOME"])
print("arguments", *sys.argv[1:])
sys.exit(7)
"""


@pytest.fixture
def checkout(private_session: PrivateSession) -> Path:
    """With nothing to set up, and a demo that keeps a secret and ends with 7."""
    folder = private_session.folder / "checkout"
    shutil.copytree(ROOT / "packaging", folder / "packaging")
    (folder / "packaging" / "setup.sh").write_text("exit 0\n")
    demo = folder / ".venv" / "bin" / "account-manager"
    demo.parent.mkdir(parents=True)
    demo.write_text(DEMO.format(python=sys.executable))
    demo.chmod(0o755)
    return folder


def try_it(session: PrivateSession, checkout: Path) -> tuple[int, dict[str, str]]:
    """The exit status, and what the demo said by its first word."""
    done = subprocess.run(
        ["sh", checkout / "packaging" / "try.sh"],
        env={**session.environment, "TMPDIR": str(session.folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    said = dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
    assert "arguments" in said, done.stderr
    return done.returncode, said


def test_without_a_keychain_it_makes_one_and_clears_it_away(
    private_session: PrivateSession, checkout: Path
) -> None:
    status, said = try_it(private_session, checkout)
    assert status == 7
    assert said["kept"] == "True"
    assert said["arguments"] == "demo"
    home = Path(said["home"])
    assert home.parent == private_session.folder
    assert not home.exists()
    until(lambda: processes_at(home) == {}, "end of what the demo's session started", 5)


def test_a_session_with_a_keychain_keeps_its_own(keychain: Keychain, checkout: Path) -> None:
    session = keychain.bus.session
    status, said = try_it(session, checkout)
    assert status == 7
    assert said["home"] == str(session.home)
    assert keychain.items() == ["practice"]


def test_sigterm_reaches_the_demo_before_its_session_ends(
    private_session: PrivateSession, checkout: Path
) -> None:
    told = private_session.folder / "told"
    waiting = private_session.folder / "waiting"
    demo = checkout / ".venv" / "bin" / "account-manager"
    demo.write_text(f"""#!/bin/sh
trap 'dbus-send --session --print-reply --dest=org.freedesktop.secrets \\
    /org/freedesktop/secrets org.freedesktop.DBus.Peer.Ping && touch {told}; exit 9' TERM
touch {waiting}
while :; do read -r nothing < {private_session.folder}/never; done
""")
    os.mkfifo(private_session.folder / "never")
    script = subprocess.Popen(
        ["sh", checkout / "packaging" / "try.sh"],
        env={**private_session.environment, "TMPDIR": str(private_session.folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(waiting.exists, "demo", 10)
    script.terminate()
    assert script.wait(15) == 143
    assert told.exists()
    assert list(private_session.folder.glob("tmp.*")) == []


@pytest.mark.whole
@pytest.mark.timeout(900)
def test_a_fresh_clone_tells_the_whole_job(private_session: PrivateSession) -> None:
    """As a person has it: the locked packages, an environment of its own, no display, no bus."""
    folder = private_session.folder / "clone"
    where = ["-c", f"safe.directory={ROOT}/.git", "-c", f"safe.directory={ROOT}"]
    cloned = subprocess.run(
        ["git", *where, "clone", "--quiet", str(ROOT), str(folder)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    if cloned.returncode:
        pytest.skip("not a git checkout")
    # What pip needs to reach its packages, such as a proxy, is no setting of Account Manager.
    passed_on = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_", "REQUESTS_CA_BUNDLE")
    environment = {n: v for n, v in os.environ.items() if n.upper().startswith(passed_on)}
    done = subprocess.run(
        ["sh", "packaging/try.sh"],
        cwd=folder,
        env={**environment, "HOME": str(private_session.home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of it worked." in done.stdout
