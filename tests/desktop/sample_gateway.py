"""An agent that answers from a script: sample people on sample servers, for pictures and tests."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from manager.desktop.gateway import Event, GatewayError

NOON = 1_780_000_000
"""Unix seconds that the samples call now."""

SPECKLE_SCOPES = ["streams:read", "streams:write", "profile:read", "profile:email", "users:read"]


def account(
    number: int, name: str, identity: str, server: tuple[str, str], **more: Any
) -> dict[str, Any]:
    return {
        "id": f"account-{number}",
        "provider": "speckle",
        "server": {"url": server[0], "name": server[1]},
        "identity": identity,
        "display_name": name,
        "has_avatar": False,
        "state": "signed_in",
        "is_default": False,
        "is_server_default": False,
        "scopes": SPECKLE_SCOPES,
        "capabilities": ["token"],
        "expires_at": NOON + 5520,
        "renews": True,
        "roles": [],
        "exported": False,
        **more,
    }


SPECKLE = ("https://app.speckle.systems", "Speckle")
STUDIO = ("https://speckle.harbour-studio.example", "Harbour Studio")
NORTH = ("https://id.northbridge.example", "Northbridge Engineering")


def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "required": True,
        "hint": "",
        "choices": [],
        "default": "",
        **more,
    }


PASSWORD_FORM = {
    "id": "password",
    "title": "E-mail and password",
    "note": "The password is used once and is not kept.",
    "fields": [field("email", "E-mail", "email"), field("password", "Password", "secret")],
}
TOKEN_FORM = {
    "id": "token",
    "title": "Access token",
    "note": "",
    "fields": [field("token", "Token", "secret", hint="From your profile page.")],
}
SESSION_FORM = {
    "id": "session",
    "title": "User name and key",
    "note": "",
    "fields": [
        field("user", "User name"),
        field("key", "Key", "secret"),
        field("scopes", "Scopes", "words", required=False),
        field("days", "Lifetime in days", "number", default="30"),
        field("region", "Region", "choice", choices=["eu", "us"]),
    ],
}
SECOND_FACTOR = {
    "id": "code",
    "title": "Second step",
    "note": "",
    "fields": [field("code", "Code", hint="Six digits from your app.")],
}
FORMS = [PASSWORD_FORM, TOKEN_FORM, SESSION_FORM]

PEOPLE = [
    account(1, "Alice Moreau", "alice@harbour-studio.example", SPECKLE, is_default=True,
            is_server_default=True),
    account(2, "Alice Moreau", "alice.moreau@northbridge.example", SPECKLE),
    account(3, "Alice Moreau", "a.moreau", NORTH, provider="oidc", state="attention_needed",
            reason="refresh_refused",
            scopes=["openid", "profile", "email", "offline_access"]),
    account(4, "Studio Render Farm", "render@harbour-studio.example", STUDIO),
    account(5, "Jonas Lindqvist", "jonas@harbour-studio.example", STUDIO,
            last_attempt="unreachable"),
]  # fmt: skip

KEY = {
    **account(6, "Alice Moreau", "hbk_7Qd3…", STUDIO, is_key=True, renews=False, expires_at=None),
    "capabilities": ["sign"],
    "roles": ["content_editor", "server:admin"],
    "scopes": ["models:read", "write:comments"],
    "server": {
        "url": STUDIO[0],
        "name": STUDIO[1],
        "moved_from": "https://models.harbour-studio.example",
    },
}
"""A key of a person at a server that has moved."""

STATUS = {
    "version": "0.1.0",
    "pid": 4242,
    "started_at": NOON - 3600,
    "consent": "allow",
    "keychain": "available",
    "storage": "available",
    "accounts": 5,
    "attention": 1,
    "connections": 1,
    "agent_socket": "/run/user/1000/account-manager/agent.sock",
    "control_socket": "/run/user/1000/account-manager/control.sock",
}


async def until(condition: Callable[[], bool]) -> None:
    """Let the other coroutines run until `condition` holds; the test's own timeout ends it."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


class SampleGateway:
    """Answers like the agent's control socket, from memory. `failing`: method -> error."""

    def __init__(self, accounts: list[dict[str, Any]] | None = None, **status: Any) -> None:
        self.accounts = [dict(one) for one in (PEOPLE if accounts is None else accounts)]
        self.status = {**STATUS, **status}
        self.failing: dict[str, GatewayError] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.probes: dict[str, dict[str, Any] | GatewayError] = {}
        self.sign_ins: list[dict[str, Any]] = []
        self.finished: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.happened: asyncio.Queue[Event | None] = asyncio.Queue()
        self.revoked: object = True
        self.avatars: dict[str, bytes] = {}
        self.checked: asyncio.Future[dict[str, Any]] | None = None
        self.verdict: dict[str, Any] = {"verdict": "signed_in"}

    async def call(
        self, method: str, params: Mapping[str, object] | None = None, timeout: float = 20.0
    ) -> Mapping[str, Any]:
        given = dict(params or {})
        self.calls.append((method, given))
        if method in self.failing:
            raise self.failing[method]
        answer = getattr(self, "_" + method.replace(".", "_"))(given)
        return await answer if asyncio.isfuture(answer) else answer

    def called(self, method: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == method]

    async def events(self) -> AsyncGenerator[Event, None]:
        while True:
            event = await self.happened.get()
            if event is None:
                raise GatewayError("unreachable", "The agent went away.")
            yield event

    def _accounts_list(self, params: dict[str, Any]) -> dict[str, Any]:
        start = int(params.get("cursor") or 0)
        end = start + min(int(params.get("limit") or 100), 100)
        cursor = str(end) if end < len(self.accounts) else None
        return {"accounts": self.accounts[start:end], "cursor": cursor}

    def _agent_status(self, params: dict[str, Any]) -> dict[str, Any]:
        return self.status

    def _agent_unlock(self, params: dict[str, Any]) -> dict[str, Any]:
        self.status["keychain"] = "available"
        return {"keychain": "available"}

    def _accounts_set_default(self, params: dict[str, Any]) -> dict[str, Any]:
        chosen = next(one for one in self.accounts if one["id"] == params["account"])
        for one in self.accounts:
            if params["for"] == "overall":
                one["is_default"] = one is chosen
            elif one["server"] == chosen["server"]:
                one["is_server_default"] = one is chosen
        return {"account": params["account"]}

    def _accounts_remove(self, params: dict[str, Any]) -> dict[str, Any]:
        self.accounts = [one for one in self.accounts if one["id"] != params["account"]]
        return {"account": params["account"], "revoked": self.revoked}

    def _accounts_avatar(self, params: dict[str, Any]) -> dict[str, Any]:
        picture = self.avatars[params["account"]]
        return {"media_type": "image/png", "base64": base64.b64encode(picture).decode()}

    def _token_get(self, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "account": params["account"],
            "access_token": "sample-token",
            "token_type": "Bearer",
        }

    def _servers_list(self, params: dict[str, Any]) -> dict[str, Any]:
        servers = [
            {"url": SPECKLE[0], "name": "Speckle", "provider": "speckle"},
            {"url": NORTH[0], "name": NORTH[1], "provider": "oidc"},
        ]
        return {"servers": servers}

    def _servers_probe(self, params: dict[str, Any]) -> dict[str, Any]:
        answer = self.probes.get(params["url"])
        if isinstance(answer, GatewayError):
            raise answer
        if answer is None:
            raise GatewayError(
                "server_unreachable", "No server answers there.", "Check the address."
            )
        return answer

    def _sign_in_begin(self, params: dict[str, Any]) -> dict[str, Any]:
        number, method = len(self.finished) + 1, params.get("method", "browser")
        begun = {
            "sign_in": f"sign-in-{number}",
            "method": method,
            "server": {"url": params["server"], "name": "Speckle"},
            "provider": "speckle",
            "provider_name": "Speckle",
            "expires_at": NOON + 600,
            **self._part_of_the_person(method, params),
        }
        self.sign_ins.append(begun)
        self.finished[begun["sign_in"]] = asyncio.get_running_loop().create_future()
        return begun

    def _part_of_the_person(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        server = params["server"]
        if method == "device":
            page = f"{server}/device"
            return {
                "user_code": "WDJB-MJHT",
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code=WDJB-MJHT",
            }
        if method == "form":
            return {"form": next(one for one in FORMS if one["id"] == params["form"])}
        return {
            "redirect": "scheme",
            "redirect_uri": "speckle://account",
            "authorization_url": f"{server}/authn/verify/sdm/challenge",
        }

    def _sign_in_submit(self, params: dict[str, Any]) -> Any:
        """A password is asked for a code after it; everything else signs in. What is put into
        `checked` is awaited, and answered, instead."""
        if self.checked is not None:
            return self.checked
        if "password" in params["fields"]:
            pending = next(one for one in self.sign_ins if one["sign_in"] == params["sign_in"])
            pending["form"] = SECOND_FACTOR
            return {"sign_in": params["sign_in"], "form": SECOND_FACTOR}
        return self.finish(params["sign_in"])

    def _accounts_verify(self, params: dict[str, Any]) -> dict[str, Any]:
        return {**self.verdict, "account": self.accounts[0]}

    def _sign_in_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"sign_ins": list(self.sign_ins)}

    def _sign_in_wait(self, params: dict[str, Any]) -> asyncio.Future[dict[str, Any]]:
        return asyncio.shield(self.finished[params["sign_in"]])

    def _sign_in_complete(self, params: dict[str, Any]) -> dict[str, Any]:
        return self.finish(self.sign_ins[0]["sign_in"])

    def _sign_in_cancel(self, params: dict[str, Any]) -> dict[str, Any]:
        self.sign_ins = [one for one in self.sign_ins if one["sign_in"] != params["sign_in"]]
        waiting = self.finished[params["sign_in"]]
        if not waiting.done():
            waiting.set_exception(GatewayError("sign_in_expired", "The sign-in was cancelled."))
            waiting.exception()  # nobody may be waiting
        return {"cancelled": True}

    def finish(self, sign_in: str, who: dict[str, Any] | None = None) -> dict[str, Any]:
        """The browser came back: the account stands."""
        who = who or account(90, "Mika Tanaka", "mika@harbour-studio.example", SPECKLE)
        self.sign_ins = [one for one in self.sign_ins if one["sign_in"] != sign_in]
        if all(one["id"] != who["id"] for one in self.accounts):
            self.accounts.append(who)
        answer = {"sign_in": sign_in, "account": who}
        if not self.finished[sign_in].done():
            self.finished[sign_in].set_result(answer)
        return answer
