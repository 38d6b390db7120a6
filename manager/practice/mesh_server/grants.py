"""What the tenant has granted: refresh tokens in families, access tokens that are signed JWTs."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from manager.practice.authorization_server import id_token
from manager.practice.people import PEOPLE

REFUSED = "Unknown or invalid refresh token."


class Refused(Exception):
    """What is shown is worth nothing (any more)."""


@dataclass(slots=True)
class Grant:
    """One sign-in. `retired`: refresh tokens that were used up."""

    login: str
    client_id: str
    scope: str
    audience: str
    live: bool = True
    refresh_token: str = field(default="", repr=False)
    retired: set[str] = field(default_factory=set, repr=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """How tokens are made just now."""

    issuer: str
    now: float
    lifetime: float
    states_lifetime: bool = True


class Grants:
    def __init__(self) -> None:
        self.issued: set[str] = set()
        self.reuse_detected = 0
        self._of_refresh: dict[str, Grant] = {}
        self._of_access: dict[str, Grant] = {}

    def begin(self, grant: Grant, terms: Terms, nonce: str | None = None) -> dict[str, Any]:
        """The token response of a new sign-in; a refresh token only for `offline_access`."""
        if "offline_access" in grant.scope.split():
            self._new_refresh_token(grant)
        return self._response(grant, terms, with_refresh=True, nonce=nonce)

    def refresh(
        self, token: str, client_id: str, terms: Terms, *, rotation: bool, omit: bool
    ) -> dict[str, Any]:
        """Raises Refused; a token that was used up ends its grant with it."""
        grant = self._of_refresh.get(token)
        if grant is None or not grant.live or grant.client_id != client_id:
            raise Refused
        if token in grant.retired:
            self.reuse_detected += 1
            grant.live = False
            raise Refused
        if rotation and not omit:
            grant.retired.add(token)
            self._new_refresh_token(grant)
        return self._response(grant, terms, with_refresh=rotation and not omit)

    def revoke(self, token: str) -> None:
        grant = self._of_refresh.get(token)
        if grant is not None:
            grant.live = False

    def holder(self, access_token: str, now: float, *, must_live: bool) -> str | None:
        """The login that an access token speaks for; None for one that is not accepted."""
        grant = self._of_access.get(access_token)
        if grant is None or (must_live and not grant.live):
            return None
        return grant.login if now < payload(access_token)["exp"] else None

    def end_all(self) -> None:
        for grant in self._of_refresh.values():
            grant.live = False
        self._of_access.clear()

    def live(self) -> int:
        return len({id(each) for each in self._of_refresh.values() if each.live})

    def _new_refresh_token(self, grant: Grant) -> None:
        grant.refresh_token = f"v1.{secrets.token_urlsafe(32)}"
        self.issued.add(grant.refresh_token)
        self._of_refresh[grant.refresh_token] = grant

    def _response(
        self, grant: Grant, terms: Terms, *, with_refresh: bool, nonce: str | None = None
    ) -> dict[str, Any]:
        person = PEOPLE[grant.login]
        stated = {"iss": terms.issuer, "sub": f"auth0|{person.subject}", "iat": int(terms.now)}
        stated |= {"exp": int(terms.now + terms.lifetime), "jti": secrets.token_urlsafe(12)}
        about = {"aud": grant.audience, "azp": grant.client_id, "scope": grant.scope}
        access_token = id_token.sign({**stated, **about}, 0, "")
        self._of_access[access_token] = grant
        who = {"name": person.name, "email": person.email, "aud": grant.client_id}
        if nonce is not None:
            who["nonce"] = nonce
        response: dict[str, Any] = {
            "access_token": access_token,
            "id_token": id_token.sign({**stated, **who}, 0, ""),
            "scope": grant.scope,
            "token_type": "Bearer",
        }
        if terms.states_lifetime:
            response["expires_in"] = int(terms.lifetime)
        if with_refresh and grant.refresh_token:
            response["refresh_token"] = grant.refresh_token
        self.issued |= {access_token, response["id_token"]}
        return response


def payload(token: str) -> dict[str, Any]:
    """The claims of a token that this server has made."""
    text = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return claims
