"""The Management API: signing in, organizations, environments, keys and their bearer tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.people import PEOPLE, Person
from manager.practice.practice_server import Route

from .envelope import refusal
from .key_store import StoredKey, timestamp

if TYPE_CHECKING:
    from .server import FoxNoseServer

_FOUNDED = 1_700_000_000.0


class ManagementApi:
    def __init__(self, server: FoxNoseServer) -> None:
        self._server = server

    def routes(self) -> tuple[Route, ...]:
        made = [
            Route("login", "POST", "/account/auth/", self._login),
            Route("refresh", "POST", self._server.faults.refresh_path, self._refresh),
            Route("organizations", "GET", "/organizations/", self._organizations),
            Route(
                "environments", "GET", "/organizations/{}/projects/{}/environments/",
                self._environments,
            ),
        ]  # fmt: skip
        made.append(Route("apis", "GET", "/v1/{}/api/", self._apis))
        wanted = self._server.faults.key_paths
        for word in ("permissions", "roles"):
            if wanted in ("both", word):
                made += self._key_routes(f"/v1/{{}}/{word}")
        return tuple(made)

    def _key_routes(self, root: str) -> list[Route]:
        flux, management = f"{root}/flux-api", f"{root}/management-api"
        bearer = f"{flux}/api-keys/{{}}/bearer-token/"
        return [
            Route("roles", "GET", f"{flux}/roles/", self._roles),
            *(
                route
                for api in (flux, management)
                for route in (
                    Route("keys", "GET", f"{api}/api-keys/", self._keys),
                    Route("create_key", "POST", f"{api}/api-keys/", self._create),
                    Route("key", "GET", f"{api}/api-keys/{{}}/", self._key),
                    Route("delete_key", "DELETE", f"{api}/api-keys/{{}}/", self._delete),
                )
            ),
            Route("issue_bearer", "POST", bearer, self._issue),
            Route("revoke_bearer", "DELETE", bearer, self._revoke),
        ]

    # People -------------------------------------------------------------------------------------

    def _login(self, request: HttpRequest) -> HttpReply:
        """Every password is right, but for "wrong"."""
        body = _body(request)
        if not isinstance(body.get("email"), str) or not isinstance(body.get("password"), str):
            return refusal("validation_error", detail={"email": ["This field is required."]})
        person = _person(body["email"])
        if person is None or not body["password"] or body["password"] == "wrong":  # noqa: S105
            message = "No active account found with the given credentials."
            return refusal("authentication_failed", message)
        return json_reply(self._pair(person))

    def _refresh(self, request: HttpRequest) -> HttpReply:
        token = _body(request).get("refresh")
        if not isinstance(token, str):
            return refusal("validation_error", detail={"refresh": ["This field is required."]})
        sessions = self._server.sessions
        if sessions.was_rotated(token):
            self._server.counters["refresh_token_reuse"] += 1
        subject = sessions.whose(token, "refresh", self._server.now())
        person = next((each for each in PEOPLE.values() if each.subject == subject), None)
        if person is None:
            return refusal("authentication_failed", "Token is invalid or expired.")
        if self._server.faults.rotation:
            sessions.rotate(token)
        self._server.counters["renewed"] += 1
        return json_reply(self._pair(person))

    def _pair(self, person: Person) -> dict[str, str]:
        server = self._server
        return server.sessions.pair(person, server.now(), server.faults)

    def _organizations(self, _: HttpRequest) -> HttpReply:
        owner = PEOPLE["alice"]
        first, _space, last = owner.name.partition(" ")
        return json_reply(
            [
                {
                    "key": "org1",
                    "name": owner.company,
                    "owner": {
                        "key": owner.subject, "email": owner.email, "first_name": first,
                        "last_name": last, "full_name": owner.name,
                    },
                    **dict.fromkeys(
                        ("tax_num", "city", "province", "address", "zip_code", "legal_name"), ""
                    ),
                    "country_iso": None,
                    "is_blocked": False,
                    "created_at": timestamp(_FOUNDED),
                }
            ]
        )  # fmt: skip

    def _environments(self, request: HttpRequest) -> HttpReply:
        return json_reply(
            [
                {
                    "key": self._server.environment,
                    "name": "Practice",
                    "project": unquote(request.path.split("/")[4]),
                    "host": self._server.flux_url.partition("://")[2],
                    "is_enabled": True,
                    "created_at": timestamp(_FOUNDED),
                }
            ]
        )

    def _apis(self, request: HttpRequest) -> HttpReply:
        server = self._server
        shown = {
            "key": "api1", "name": "Articles", "prefix": server.api_prefix, "description": None,
            "environment": server.environment, "version": "1",
            "is_auth_required": not server.faults.open_api, "created_at": timestamp(_FOUNDED),
        }  # fmt: skip
        return _page(request, [shown])

    # Keys ---------------------------------------------------------------------------------------

    def _roles(self, request: HttpRequest) -> HttpReply:
        role = {
            "key": "reader", "name": "Reader", "description": None,
            "environment": self._server.environment, "created_at": timestamp(_FOUNDED),
        }  # fmt: skip
        return _page(request, [role])

    def _keys(self, request: HttpRequest) -> HttpReply:
        return _page(request, [each.summary() for each in self._server.keys.listed(_api(request))])

    def _create(self, request: HttpRequest) -> HttpReply:
        body = _body(request)
        seed = self._server.faults.key_body == "seed"
        wrong = _wrong_for_seed(body) if seed else _wrong(body)
        if wrong:
            return refusal("validation_error", detail=wrong)
        description = body["name"] if seed else body.get("description")
        role = (body["roles"] or [None])[0] if seed else body.get("role")
        if role not in (None, "reader"):
            return refusal("validation_error", detail={"role": ["There is no such role."]})
        store = self._server.keys
        made, secret = store.create(_api(request), description, role, self._server.now())
        return json_reply({**made.summary(), "secret_key": secret}, 201)

    def _key(self, request: HttpRequest) -> HttpReply:
        found = self._named(request)
        return refusal("not_found") if found is None else json_reply(found.summary())

    def _delete(self, request: HttpRequest) -> HttpReply:
        found = self._named(request)
        if found is None:
            return refusal("not_found")
        del self._server.keys.keys[found.key]
        return HttpReply(204)

    def _issue(self, request: HttpRequest) -> HttpReply:
        found = self._named(request)
        if found is None:
            return refusal("not_found")
        token = self._server.keys.issue_bearer(found, self._server.now())
        shown = found.summary()
        names = ("bearer_token_prefix", "bearer_token_issued_at")
        return json_reply({"bearer_token": token, **{name: shown[name] for name in names}})

    def _revoke(self, request: HttpRequest) -> HttpReply:
        found = self._named(request)
        if found is None:
            return refusal("not_found")
        self._server.keys.revoke_bearer(found)
        return HttpReply(204)

    def _named(self, request: HttpRequest) -> StoredKey | None:
        found = self._server.keys.keys.get(unquote(request.path.split("/")[6]))
        return found if found is not None and found.api == _api(request) else None


def _person(email: str) -> Person | None:
    wanted = email.strip().lower()
    return next((each for each in PEOPLE.values() if each.email == wanted), None)


def _api(request: HttpRequest) -> str:
    return request.path.split("/")[4].removesuffix("-api")


def _wrong(body: dict[str, Any]) -> dict[str, list[str]]:
    wrong = {}
    if "name" in body or "roles" in body:
        wrong["name"] = ["Unknown field."]
    if not isinstance(body.get("description"), str | None):
        wrong["description"] = ["Not a valid string."]
    if not isinstance(body.get("role"), str | None):
        wrong["role"] = ["Not a valid string."]
    return wrong


def _wrong_for_seed(body: dict[str, Any]) -> dict[str, list[str]]:
    wrong = {}
    if not isinstance(body.get("name"), str):
        wrong["name"] = ["This field is required."]
    if not isinstance(body.get("roles"), list):
        wrong["roles"] = ["This field is required."]
    return wrong


def _page(request: HttpRequest, found: list[dict[str, Any]]) -> HttpReply:
    """Standard limit and offset; `next` and `previous` are addresses."""
    try:
        limit = int(request.query.get("limit", "100"))
        offset = int(request.query.get("offset", "0"))
    except ValueError:
        return refusal("validation_error", detail={"limit": ["Not a whole number."]})
    end = offset + limit
    after = f"http://{request.headers.get('host', '')}{request.path}?limit={limit}&offset={end}"
    shown = {"count": len(found), "next": after if end < len(found) else None, "previous": None}
    return json_reply({**shown, "results": found[offset:end]})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        value = request.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
