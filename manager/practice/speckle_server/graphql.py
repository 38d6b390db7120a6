"""Speckle's GraphQL answers to what account managers ask: who am I, who are you, which app.

Shapes and messages from a real server 2.31; see `graphql_document` for what is read at all.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manager.practice.people import Person, picture

from . import personal_tokens
from .applications import ALL_SCOPES, Application
from .graphql_document import Field, ParseFailed, parse
from .token_store import SpeckleToken, SpeckleTokenStore

# Type to its fields; a field that is an object names its type.
_SCHEMA: dict[str, dict[str, str]] = {
    "Query": {"activeUser": "User", "app": "ServerApp", "serverInfo": "ServerInfo", "_": ""},
    "Mutation": {"appRevokeAccess": "", "apiTokenCreate": "", "apiTokenRevoke": ""},
    "User": {
        "id": "", "name": "", "email": "", "company": "", "avatar": "", "bio": "", "verified": "",
        "role": "", "authorizedApps": "ServerApp", "apiTokens": "ApiToken",
    },
    "ApiToken": {
        "id": "", "name": "", "lastChars": "", "scopes": "", "createdAt": "", "lifespan": "",
        "lastUsed": "",
    },
    "ServerInfo": {
        "name": "", "company": "", "description": "", "version": "", "adminContact": "",
        "canonicalUrl": "", "termsOfService": "", "migration": "Migration", "scopes": "Scope",
        "authStrategies": "AuthStrategy", "workspaces": "ServerWorkspacesInfo",
    },
    "AuthStrategy": {"id": "", "name": "", "icon": "", "url": "", "color": ""},
    "ServerWorkspacesInfo": {"workspacesEnabled": ""},
    "Migration": {"movedFrom": "", "movedTo": ""},
    "ServerApp": {
        "id": "", "secret": "", "name": "", "description": "", "termsAndConditionsLink": "",
        "logo": "", "public": "", "trustByDefault": "", "author": "AppAuthor", "createdAt": "",
        "redirectUrl": "", "scopes": "Scope",
    },
    "AppAuthor": {"id": "", "name": "", "avatar": ""},
    "Scope": {"name": "", "description": ""},
}  # fmt: skip
_SCOPES = {"authorizedApps": "apps:read", "apiTokens": "tokens:read"}
_ARGUMENTS = {
    "app": "id", "appRevokeAccess": "appId", "apiTokenCreate": "token", "apiTokenRevoke": "token",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, and what the server would say."""

    token: SpeckleToken | None
    person: Person | None
    origin: str
    applications: Mapping[str, Application]
    moved_from: str
    moved_to: str
    store: SpeckleTokenStore
    now: float


@dataclass(slots=True)
class _Run:
    context: Context
    errors: list[dict[str, Any]] = field(default_factory=list)
    nothing: bool = False
    """A field that cannot be null failed: the null has travelled up to the top."""

    def refuse(self, path: list[str], message: str, **extensions: Any) -> None:
        where = {"line": 1, "column": 1}
        error = {"message": message, "locations": [where], "path": path, "extensions": extensions}
        self.errors.append(error)

    def allowed(self, scope: str, path: list[str]) -> bool:
        token = self.context.token
        if token is None:
            message = "Must provide an auth token"
            self.refuse(path, message, code="UNAUTHORIZED", statusCode=401)
            return False
        if scope not in token.scopes:
            message = f"Your auth token does not have the required scope: {scope}."
            self.refuse(path, message, code="FORBIDDEN", scope=scope, statusCode=403)
            return False
        return True


def execute(request: Any, context: Context) -> tuple[int, dict[str, Any]]:
    """Status and body for one `{query, variables}`."""
    query = request.get("query") if isinstance(request, dict) else None
    if not isinstance(query, str) or not query.strip():
        message = "GraphQL operations must contain a non-empty `query`."
        return 400, _error(message, "BAD_REQUEST")
    variables = request.get("variables")
    try:
        operation = parse(query, variables if isinstance(variables, dict) else {})
    except ParseFailed as failed:
        return 400, _error(str(failed), "GRAPHQL_PARSE_FAILED")
    root = {"query": "Query", "mutation": "Mutation"}.get(operation.kind, "")
    wrong = _invalid(root, operation.selection)
    if wrong:
        return 400, _error(wrong, "GRAPHQL_VALIDATION_FAILED")
    run = _Run(context)
    data: dict[str, Any] | None = {each.alias: _root(run, each) for each in operation.selection}
    if run.nothing:
        data = None
    return 200, {"errors": run.errors, "data": data} if run.errors else {"data": data}


def _error(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _invalid(kind: str, selection: list[Field]) -> str:
    """Why a selection does not fit the schema; empty when it does."""
    for each in selection:
        if each.name == "__typename":
            continue
        inner = _SCHEMA.get(kind, {}).get(each.name)
        if inner is None:
            return f'Cannot query field "{each.name}" on type "{kind}".'
        if bool(inner) != bool(each.selection):
            return f'Field "{each.name}" must {"" if inner else "not "}have a selection.'
        needed = _ARGUMENTS.get(each.name)
        if needed and needed not in each.arguments:
            return f'Field "{each.name}" argument "{needed}" of type "String!" is required.'
        wrong = _invalid(inner, each.selection) if inner else ""
        if wrong:
            return wrong
    return ""


def _root(run: _Run, asked: Field) -> Any:
    if asked.name == "serverInfo":
        return _shaped("ServerInfo", asked, _server_info(run.context))
    if asked.name == "app":
        app = run.context.applications.get(str(asked.arguments["id"]))
        return _shaped("ServerApp", asked, _application(app)) if app else None
    if asked.name == "activeUser":
        return _active_user(run, asked)
    if asked.name == "appRevokeAccess":
        return _revoke(run, asked)
    if asked.name in ("apiTokenCreate", "apiTokenRevoke"):
        return _token_mutation(run, asked)
    return {"_": "Ceci n'est pas une query.", "__typename": "Query"}.get(asked.name)


def _active_user(run: _Run, asked: Field) -> Any:
    if run.context.token is None or run.context.person is None:
        return None
    if not run.allowed("profile:read", [asked.alias]):
        return None
    for each in asked.selection:
        scope = _SCOPES.get(each.name)
        if scope and not run.allowed(scope, [asked.alias, each.alias]):
            return None  # these fields are not nullable, so the null travels up
    return _shaped("User", asked, _user(run.context, run.context.token, run.context.person))


def _user(context: Context, token: SpeckleToken, person: Person) -> dict[str, Any]:
    drawn = "data:image/png;base64," + b64encode(picture(person.colour)).decode()
    uploaded = person.login != "bob"  # bob's came from an identity provider, as a URL
    return {
        "id": person.subject[-10:],
        "name": person.name,
        "email": person.email if "profile:email" in token.scopes else None,
        "company": person.company,
        "avatar": drawn if uploaded else f"{context.origin}/avatar/{person.login}.png",
        "bio": None,
        "verified": True,
        "role": "server:user",
        "authorizedApps": [
            _application(context.applications[each])
            for each in sorted(context.store.authorized(person.login))
            if each in context.applications
        ],
        "apiTokens": personal_tokens.listed(context.store, person.login),
    }


def _token_mutation(run: _Run, asked: Field) -> Any:
    """Neither may be null, so a refusal leaves nothing of the answer."""
    context, argument = run.context, asked.arguments["token"]
    if not run.allowed("tokens:write", [asked.alias]) or not (context.token and context.person):
        run.nothing = True
        return None
    try:
        if asked.name == "apiTokenRevoke":
            return personal_tokens.revoke(context.store, context.person.login, str(argument))
        return personal_tokens.create(context.store, context.token, argument, context.now)
    except personal_tokens.TokenRefused as refused:
        run.refuse([asked.alias], str(refused), code=refused.code, statusCode=400)
        run.nothing = True
        return None


def _revoke(run: _Run, asked: Field) -> Any:
    if not run.allowed("apps:write", [asked.alias]) or run.context.person is None:
        return None
    return run.context.store.revoke_app(str(asked.arguments["appId"]), run.context.person.login)


def _server_info(context: Context) -> dict[str, Any]:
    moved = {"movedFrom": context.moved_from or None, "movedTo": context.moved_to or None}
    return {
        "name": "Speckle Practice",
        "company": "Practice & Sons",
        "description": "A stand-in for a Speckle server.",
        "version": "2.31.14",
        "adminContact": "admin@example.com",
        "canonicalUrl": context.origin,
        "termsOfService": None,
        "migration": moved if any(moved.values()) else None,
        "scopes": [{"name": scope, "description": scope} for scope in ALL_SCOPES],
        "authStrategies": [
            {
                "id": "local",
                "name": "Local",
                "icon": "TODO",  # the server says so itself (modules/auth/strategies/local.ts)
                "url": "/auth/local",
                "color": "accent",
            }
        ],
        "workspaces": {"workspacesEnabled": True},
    }


def _application(app: Application) -> dict[str, Any]:
    return {
        "id": app.id,
        "secret": "App secrets are only revealed to their author 😉",
        "name": app.name,
        "description": None,
        "termsAndConditionsLink": None,
        "logo": None,
        "public": True,
        "trustByDefault": app.trust_by_default,
        "author": None,
        "createdAt": "2020-05-29T00:00:00.000Z",
        "redirectUrl": app.redirect_url,
        "scopes": [{"name": scope, "description": scope} for scope in app.scopes],
    }


def _shaped(kind: str, asked: Field, value: Any) -> Any:
    """Of a value just what was asked for."""
    if value is None:
        return None
    if isinstance(value, list):
        return [_shaped(kind, asked, each) for each in value]
    shaped = {}
    for each in asked.selection:
        inner = _SCHEMA[kind].get(each.name, "")
        found = kind if each.name == "__typename" else value[each.name]
        shaped[each.alias] = _shaped(inner, each, found) if inner else found
    return shaped
