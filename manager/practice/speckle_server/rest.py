"""Speckle's REST endpoints below /auth and /oauth (speckle-server, modules/auth/rest/index.ts)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

from manager.practice.faults import SpeckleFaults
from manager.practice.http_message import (
    HttpReply,
    HttpRequest,
    json_reply,
    redirect_reply,
    text_reply,
)
from manager.practice.people import Person

from .applications import WEB_APPLICATION, Application
from .token_store import PLAIN, S256, Refused, SpeckleTokenStore

_LONGEST_CHALLENGE = 255  # the column is a varchar(255)
_MISSING = "Invalid request, insufficient information provided. "


class Server(Protocol):
    """What the endpoints need of the server that they belong to."""

    faults: SpeckleFaults
    tokens: SpeckleTokenStore
    applications: dict[str, Application]
    people: dict[str, Person]

    @property
    def url(self) -> str: ...

    def now(self) -> float: ...

    def count(self, name: str) -> None: ...


class RestEndpoints:
    def __init__(self, server: Server) -> None:
        self._server = server

    def access_code(self, request: HttpRequest) -> HttpReply:
        """`GET /auth/accesscode`: a web token becomes a code for an app."""
        query = request.query
        try:
            location = self.grant(query, query.get("token", ""), PLAIN)
        except Refused as no:
            return text_reply(str(no), 400)
        except OverflowError:
            return text_reply("Something went wrong while processing your request", 500)
        if query.get("preventRedirect"):
            return json_reply({"redirectUrl": location})
        return redirect_reply(location)

    def grant(self, query: dict[str, str], token: str, method: str) -> str:
        """The redirect with a new code. Raises Refused; OverflowError for a long challenge."""
        store, now = self._server.tokens, self._server.now()
        if not query.get("appId"):
            raise Refused("appId missing from querystring.")
        app = self._server.applications.get(query["appId"])
        if app is None:
            raise Refused("App does not exist.")
        challenge = query.get("challenge", "")
        if not challenge:
            raise Refused("Missing challenge")
        if not token:
            raise Refused("Missing token")
        known = store.valid(token, now, self._server.faults.access_lifetime)
        if known is None:
            raise Refused("Invalid token")
        if "tokens:write" not in known.scopes:
            raise Refused("Your auth token does not have the required scope: tokens:write.")
        if len(challenge) > _LONGEST_CHALLENGE:
            raise OverflowError
        code = store.new_code(app, known.login, challenge, method, now)
        return f"{app.redirect_url}?access_code={code}"  # plain concatenation, as the real one does

    def token(self, request: HttpRequest) -> HttpReply:
        """`POST /auth/token`: every refusal is a 401 with `err`, whatever it is about."""
        return self._told(request, self._token)

    def oauth_probe(self, _: HttpRequest) -> HttpReply:
        return text_reply("supported") if self._server.faults.s256 else text_reply("Not found", 404)

    def oauth_token(self, request: HttpRequest) -> HttpReply:
        """`POST /oauth/token`, the newer dialect: no secret, a real verifier."""
        if not self._server.faults.s256:
            return text_reply("Not found", 404)
        return self._told(request, self._oauth_token)

    def logout(self, request: HttpRequest) -> HttpReply:
        """`POST /auth/logout`: the first ten characters suffice."""
        body = _body(request)
        store = self._server.tokens
        token = body.get("token") if body else None
        if body is None or not isinstance(token, str) or store.access.pop(token[:10], None) is None:
            return text_reply("Something went wrong while trying to logout.", 400)
        if isinstance(body.get("refreshToken"), str):
            store.refresh.pop(body["refreshToken"][:10], None)
        return json_reply({"message": "You have logged out."})

    def local_login(self, request: HttpRequest) -> HttpReply:
        """`POST /auth/local/login?challenge=`: what the web page itself uses."""
        challenge = request.query.get("challenge")
        if not challenge:
            return text_reply("Invalid request: no challenge detected.", 400)
        body = _body(request)
        if body is None:
            return _malformed()
        person = self.person(body.get("email"), body.get("password"))
        if person is None:
            return json_reply({"err": True, "message": "Invalid credentials."}, 401)
        return redirect_reply(self._web_code(person, challenge))

    def register(self, request: HttpRequest) -> HttpReply:
        """`POST /auth/local/register?challenge=`."""
        body, challenge = _body(request), request.query.get("challenge")
        if not challenge:
            return text_reply("Invalid request: no challenge detected.", 400)
        if body is None:
            return _malformed()
        if len(str(body.get("password", ""))) < 8:
            return _user_error("Password too short; needs to be 8 characters or longer.")
        email = str(body.get("email", ""))
        if any(person.email == email for person in self._server.people.values()):
            return _user_error("Email taken. Try logging in?")
        login = email.partition("@")[0]
        name, company = str(body.get("name", login)), str(body.get("company", ""))
        subject = f"{len(self._server.people) + 1:012}"
        person = Person(login, subject, name, email, company, (124, 58, 237))
        self._server.people[login] = person
        return redirect_reply(self._web_code(person, challenge) + "&register=true")

    def person(self, email: Any, password: Any) -> Person | None:
        """Whoever has this address or login name; every password is right, but for "wrong"."""
        if not isinstance(email, str) or not password or password == "wrong":  # noqa: S105
            return None
        wanted = email.strip().lower()
        people = self._server.people.values()
        return next((each for each in people if wanted in (each.login, each.email)), None)

    def web_token(self, person: Person) -> str:
        app = self._server.applications[WEB_APPLICATION]
        return self._server.tokens.issue(app, person.login, self._server.now())["token"]

    def _web_code(self, person: Person, challenge: str) -> str:
        app = self._server.applications[WEB_APPLICATION]
        code = self._server.tokens.new_code(app, person.login, challenge, PLAIN, self._server.now())
        return f"{self._server.url}/?access_code={quote(code)}"

    def _told(
        self, request: HttpRequest, answer: Callable[[dict[str, Any]], HttpReply]
    ) -> HttpReply:
        body = _body(request)
        if body is None:
            return _malformed()
        try:
            return answer(body)
        except Refused as no:
            return json_reply({"err": str(no)}, 401)

    def _token(self, body: dict[str, Any]) -> HttpReply:
        if "refreshToken" in body:
            return self._refreshed(body)
        self._server.count("token:access_code")
        app_id = _needed(body, "appId", "App Id is required.")
        secret = _needed(body, "appSecret", "App Secret is required.")
        code = _needed(body, "accessCode", "Access Code is required.")
        challenge = _needed(body, "challenge", "Challenge is required.")
        app = self._server.applications.get(app_id)
        store, now = self._server.tokens, self._server.now()
        pending = store.codes.get(code)
        if pending is not None and pending.method == S256:
            challenge = ""  # a code of the newer dialect answers to its verifier only
        used = store.exchange(code, app, app_id, challenge, now)
        if app is None or app.expected_secret != secret:
            raise Refused("Invalid app secret. Ensure the app secret is correct.")
        return json_reply(store.issue(app, used.login, now))

    def _refreshed(self, body: dict[str, Any]) -> HttpReply:
        self._server.count("token:refresh_token")
        value = _needed(body, "refreshToken", "A valid refresh token is required.")
        app_id = _needed(body, "appId", "App Id is required.")
        secret = _needed(body, "appSecret", "App Secret is required.")
        store, now = self._server.tokens, self._server.now()
        if value[:10] in store.retired:
            self._server.count("refresh_token_reuse")
        app = self._server.applications.get(app_id)
        used = store.use_refresh(value, app, now, self._server.faults.refresh_lifetime)
        if app is None or app.expected_secret != secret:
            raise Refused("Invalid request")
        pair = store.issue(app, used.login, now)
        if self._server.faults.rotation:
            store.retire(used)
        guard = (("Cache-Control", "no-cache, no-store"), ("Expires", "0"), ("Pragma", "no-cache"))
        return json_reply(pair, 200, *guard)

    def _oauth_token(self, body: dict[str, Any]) -> HttpReply:
        self._server.count("token:access_code")
        app_id = _needed(body, "appId", "App Id is required.")
        code = _needed(body, "accessCode", "Access Code is required.")
        verifier = _needed(body, "codeVerifier", "Code Verifier is required.")
        store, now = self._server.tokens, self._server.now()
        app = self._server.applications.get(app_id)
        used = store.exchange(code, app, app_id, verifier, now)
        if app is None:
            raise Refused("Invalid request: application id does not match.")
        return json_reply(store.issue(app, used.login, now))


def _needed(body: dict[str, Any], name: str, sentence: str) -> str:
    value = body.get(name)
    if not value or not isinstance(value, str):
        raise Refused(_MISSING + sentence)
    return value


def _body(request: HttpRequest) -> dict[str, Any] | None:
    """JSON or a form; None when it is neither."""
    if request.media_type == "application/x-www-form-urlencoded":
        return dict(request.form)
    if not request.body:
        return {}
    try:
        value = json.loads(request.body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _malformed() -> HttpReply:
    return _user_error("Invalid request body: it is not valid JSON")


def _user_error(message: str) -> HttpReply:
    return json_reply({"error": {"message": message, "code": "USER_INPUT_ERROR"}}, 400)
