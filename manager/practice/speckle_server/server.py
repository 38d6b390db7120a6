"""A stand-in for a Speckle server, faithful in what account managers and connectors touch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from manager.practice.faults import SpeckleFaults
from manager.practice.http_message import (
    HttpReply,
    HttpRequest,
    html_reply,
    json_reply,
    redirect_reply,
    text_reply,
)
from manager.practice.people import PEOPLE, picture
from manager.practice.practice_server import PracticeServer, Route

from . import graphql, pages, personal_tokens
from .applications import Application, default_applications
from .rate_limits import MESSAGE, RateLimits
from .rest import RestEndpoints
from .token_store import PLAIN, S256, Refused, SpeckleToken, SpeckleTokenStore

_AFTER_LOGIN = "postAuthRedirect"
_WEB_TOKEN = "authn"  # noqa: S105  # the cookie's name


class SpeckleServer(PracticeServer[SpeckleFaults]):
    """`with SpeckleServer() as server: server.url`.

    `applications` replaces default apps of the same id or adds to them. `redirect_delay` is how
    many seconds the page waits before it goes back to the program; the real one waits 2.
    """

    token_endpoints = frozenset({"token", "oauth_token"})
    rate_limit_body = MESSAGE

    def __init__(
        self,
        faults: SpeckleFaults | None = None,
        *,
        applications: Iterable[Application] = (),
        redirect_delay: float = 0.0,
        port: int = 0,
    ) -> None:
        super().__init__(faults or SpeckleFaults(), port)
        self._added = tuple(applications)
        self._redirect_delay = redirect_delay
        self._limits = RateLimits()
        self._rest = RestEndpoints(self)
        self.tokens = SpeckleTokenStore()
        self.people = dict(PEOPLE)
        self.applications: dict[str, Application] = {}

    def started(self) -> None:
        known = (*default_applications(self.url), *self._added)
        self.applications = {each.id: each for each in known}

    @property
    def reuse_detected(self) -> int:
        """In rotating mode: how often a refresh token came that had been replaced."""
        return self.counters["refresh_token_reuse"]

    def count(self, name: str) -> None:
        self.counters[name] += 1

    def accepts(self, token: str) -> bool:
        """Whether this access token would be taken now."""
        return self._valid(token) is not None

    def revoke_app_access(self, app_id: str, login: str = "alice") -> bool:
        """What `appRevokeAccess` does when the person presses it in the web."""
        return self.tokens.revoke_app(app_id, login)

    def issue_personal_token(
        self,
        login: str = "alice",
        scopes: Iterable[str] = ("profile:read", "profile:email"),
        name: str = "Script",
        lifespan: float | None = None,
    ) -> str:
        """A personal access token as the person makes it in the web; `lifespan` in seconds. With
        `tokens:write` among its scopes it is one of an older server: today's give it to none."""
        made = self.tokens.issue_personal(login, name, tuple(scopes), lifespan, self.now())
        return made.value

    def revoke_everything(self) -> None:
        for table in (self.tokens.codes, self.tokens.access, self.tokens.refresh):
            table.clear()

    def state(self) -> dict[str, Any]:
        return {
            **super().state(),
            "reuse_detected": self.reuse_detected,
            "live_access_tokens": len(self.tokens.access),
            "live_refresh_tokens": len(self.tokens.refresh),
        }

    def routes(self) -> tuple[Route, ...]:
        rest = self._rest
        return (
            Route("verify", "GET", "/authn/verify/{}/{}", self._verify),
            Route("verify", "POST", "/authn/verify/{}/{}", self._decide),
            Route("login_page", "GET", "/authn/login", self._login_page),
            Route("login_page", "POST", "/authn/login", self._log_in),
            Route("developer", "GET POST", pages.DEVELOPER, self._developer),
            Route("accesscode", "GET", "/auth/accesscode", rest.access_code),
            Route("token", "POST", "/auth/token", rest.token),
            Route("logout", "POST", "/auth/logout", rest.logout),
            Route("local_login", "POST", "/auth/local/login", rest.local_login),
            Route("register", "POST", "/auth/local/register", rest.register),
            Route("oauth_probe", "GET", "/oauth/token", rest.oauth_probe),
            Route("oauth_token", "POST", "/oauth/token", rest.oauth_token),
            Route("graphql", "GET", "/graphql", self._graphql_by_get),
            Route("graphql", "POST", "/graphql", self._graphql),
            Route("liveness", "GET", "/liveness", lambda _: json_reply({"status": "ok"})),
            Route("readiness", "GET", "/readiness", lambda _: json_reply({"status": "ok"})),
            Route("avatar", "GET", "/avatar/{}", self._avatar),
            Route("home", "GET", "/", lambda _: html_reply(pages.home_page(self.url))),
        )

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        """The API looks at tokens before it looks at anything else; the web pages do not."""
        cors = ("Access-Control-Allow-Origin", "*")
        if request.path.startswith(("/authn/", "/settings/")):
            return super().process(request, route)
        if self.faults.rate_limits:
            key = _presented(request)[:10] or "127.0.0.1"
            endpoint = route.endpoint if route else "unknown"
            refusal = self._limits.refusal(endpoint, key, self.now())
            if refusal:
                return refusal.adding(cors)
        if _presented(request) and self._valid(_presented(request)) is None:
            return json_reply({"error": "Your token is not valid."}, 403, cors)
        return super().process(request, route).adding(cors)

    def _valid(self, token: str) -> SpeckleToken | None:
        return self.tokens.valid(token, self.now(), self.faults.access_lifetime)

    def _web_session(self, request: HttpRequest) -> SpeckleToken | None:
        return self._valid(request.cookies.get(_WEB_TOKEN, ""))

    def _verify(self, request: HttpRequest) -> HttpReply:
        """The page at which a program's sign-in begins."""
        session = self._web_session(request)
        if session is None:
            return _to_login(request)
        app = self.applications.get(_segments(request)[0])
        if app is None:
            return html_reply(pages.problem_page("Could not resolve app."), 404)
        if not app.trust_by_default:
            return html_reply(pages.authorize_page(app, session.login))
        return self._allow(request, app)

    def _decide(self, request: HttpRequest) -> HttpReply:
        app = self.applications.get(_segments(request)[0])
        if app is None or self._web_session(request) is None:
            return html_reply(pages.problem_page("Could not resolve app."), 404)
        if request.form.get("decision") == "allow":
            return self._allow(request, app)
        target = _with_parameter(app.redirect_url, "denied", "true")
        return html_reply(pages.leaving_page(app, target, self._redirect_delay, denied=True))

    def _allow(self, request: HttpRequest, app: Application) -> HttpReply:
        asked = request.query.get("code_challenge_method")
        method = S256 if asked == S256 and self.faults.s256 else PLAIN
        query = {"appId": app.id, "challenge": _segments(request)[1]}
        try:
            target = self._rest.grant(query, request.cookies.get(_WEB_TOKEN, ""), method)
        except (Refused, OverflowError):
            return html_reply(pages.problem_page("The app could not be authorized."), 400)
        return html_reply(pages.leaving_page(app, target, self._redirect_delay, denied=False))

    def _login_page(self, _: HttpRequest) -> HttpReply:
        return html_reply(pages.login_page())

    def _log_in(self, request: HttpRequest) -> HttpReply:
        person = self._rest.person(request.form.get("email"), request.form.get("password"))
        if person is None:
            return html_reply(pages.login_page("Invalid credentials."), 401)
        back = unquote(request.cookies.get(_AFTER_LOGIN, ""))
        if not back.startswith("/") or back.startswith("//"):
            back = "/"
        cookie = f"{_WEB_TOKEN}={self._rest.web_token(person)}; Path=/; SameSite=Lax"
        return redirect_reply(back, 303, ("Set-Cookie", cookie))

    def _developer(self, request: HttpRequest) -> HttpReply:
        """Where a person makes personal access tokens; the form names the scopes one by one."""
        session = self._web_session(request)
        if session is None:
            return _to_login(request)
        made = ""
        if request.method == "POST":
            scopes = [scope for scope in request.form if ":" in scope]
            wish = {"name": request.form.get("name", ""), "scopes": scopes}
            try:
                made = personal_tokens.create(self.tokens, session, wish, self.now())
            except personal_tokens.TokenRefused as refused:
                return html_reply(pages.problem_page(str(refused)), 400)
        names = [each.name for each in self.tokens.personal(session.login)]
        return html_reply(pages.developer_page(session.login, names, made))

    def _graphql_by_get(self, _: HttpRequest) -> HttpReply:
        message = (
            "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF)."
        )
        return json_reply({"errors": [{"message": message}]}, 400)

    def _graphql(self, request: HttpRequest) -> HttpReply:
        try:
            body = request.json()
        except ValueError:
            error = {"message": "Invalid request body: not JSON", "code": "USER_INPUT_ERROR"}
            return json_reply({"error": error}, 400)
        context = self._context(request)
        if isinstance(body, list):
            return json_reply([graphql.execute(each, context)[1] for each in body])
        status, answer = graphql.execute(body, context)
        return json_reply(answer, status)

    def _context(self, request: HttpRequest) -> graphql.Context:
        token = self._valid(_presented(request))
        return graphql.Context(
            token,
            self.people.get(token.login) if token else None,
            self.url,
            self.applications,
            _slashed(self.faults.moved_from),
            _slashed(self.faults.moved_to),
            self.tokens,
            self.now(),
        )

    def _avatar(self, request: HttpRequest) -> HttpReply:
        person = self.people.get(request.path.rpartition("/")[2].removesuffix(".png"))
        if person is None:
            return text_reply("Not found", 404)
        return HttpReply(200, (("Content-Type", "image/png"),), picture(person.colour))


def _to_login(request: HttpRequest) -> HttpReply:
    back = quote(request.target, safe="")
    cookie = f"{_AFTER_LOGIN}={back}; Path=/; Max-Age=300; SameSite=Lax"
    return redirect_reply("/authn/login", 302, ("Set-Cookie", cookie))


def _presented(request: HttpRequest) -> str:
    """The token of a request: `Bearer x` (so spelt), raw, cookie, or `?embedToken=`."""
    shown = request.headers.get("authorization", "")
    if shown:
        return shown.removeprefix("Bearer ")
    return request.query.get("embedToken", "") or request.cookies.get(_WEB_TOKEN, "")


def _segments(request: HttpRequest) -> list[str]:
    return [unquote(each) for each in request.path.split("/")[3:]]


def _with_parameter(url: str, name: str, value: str) -> str:
    """As the browser's URL class does it: an empty path of a web address becomes a slash."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (name, value)])
    path = parts.path or ("/" if parts.scheme in ("http", "https") else "")
    return parts._replace(path=path, query=query).geturl()


def _slashed(url: str) -> str:
    return url if not url or url.endswith("/") else url + "/"
