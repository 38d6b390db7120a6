"""The nearest peer, oidc-agent from Debian, with one account loaded from the same server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from manager.practice.person import Person
from tests.benchmarks.timed_server import PEER, TimedServer
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

PACKAGE = "oidc-agent-cli"
ACCOUNT = "benchmark"
_SCOPES = "openid profile offline_access"


def install_oidc_agent() -> bool:
    """Install Debian's package where it is missing and can be; whether it is there."""
    if shutil.which("oidc-agent"):
        return True
    command = ["apt-get", "install", "--yes", "--no-install-recommends", PACKAGE]
    if not shutil.which("apt-get"):
        return False
    if os.getuid() != 0:
        command.insert(0, "sudo")
    print(f"Installing the peer: {' '.join(command)}", flush=True)
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return shutil.which("oidc-agent") is not None


class OidcAgent:
    """Started and loaded when made. Its account file is encrypted with a password from a file,
    which the agent keeps in memory, so that a rotation can be written as in a usual session."""

    def __init__(self, session: PrivateSession, server: TimedServer) -> None:
        self.session = session
        folder = session.folder / "peer"
        folder.mkdir(mode=0o700)
        (session.home / ".oidc-agent").mkdir(mode=0o700)
        self.socket = str(folder / "agent")
        session.environment["OIDC_SOCK"] = self.socket
        self.process = session.start(
            ["oidc-agent", "--console", "-a", self.socket, "--no-autoreauthenticate",
             "--no-webserver", "--no-scheme", "--pw-store"]
        )  # fmt: skip
        until(Path(self.socket).exists, "oidc-agent's socket")
        password = folder / "password"
        password.write_text("benchmark\n")
        arguments = [
            "oidc-gen", ACCOUNT, f"--issuer={server.issuer}/", "--manual", "--prompt=none",
            f"--client-id={PEER.client_id}", f"--client-secret={PEER.client_secret}",
            f"--scope={_SCOPES}", f"--refresh-token={_refresh_token(server)}", "--flow=refresh",
            "--redirect-uri=http://localhost:4242", f"--pw-file={password}", "--confirm-default",
            "--no-url-call",
        ]  # fmt: skip
        session.run(arguments, timeout=30)

    @property
    def plain_request(self) -> str:
        return json.dumps({"request": "access_token", "account": ACCOUNT, "min_valid_period": 0})


def _refresh_token(server: TimedServer) -> str:
    """By the code flow, as a person's browser goes through it."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    redirect_uri = "http://127.0.0.1/callback"
    asked = {
        "response_type": "code",
        "client_id": PEER.client_id,
        "redirect_uri": redirect_uri,
        "scope": _SCOPES,
        "state": secrets.token_urlsafe(16),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    callback = Person(server.newcomer()).visit(
        f"{server.url}/authorize?{urllib.parse.urlencode(asked)}"
    )
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(callback).query)
    form = {
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": redirect_uri,
        "client_id": PEER.client_id,
        "client_secret": PEER.client_secret,
        "code_verifier": verifier,
    }
    with urllib.request.urlopen(
        f"{server.url}/token", urllib.parse.urlencode(form).encode(), timeout=10
    ) as answer:
        return str(json.load(answer)["refresh_token"])
