"""The decisions that oauthlib's server endpoints leave to the server: who, what and whether.

oauthlib's server side never looks at the transport of its own endpoints, so plain http on loopback
needs no override here, and none is made.
"""
# oauthlib calls every method with all that it knows; most decisions need less.

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from oauthlib.common import Request

from manager.practice.faults import AuthorizationServerFaults
from manager.practice.people import PEOPLE

from . import id_token
from .client_authentication import ClientAuthentication
from .client_registry import Client
from .device_authorization import DeviceAuthorizations
from .token_store import AuthorizationCode, IssuedToken, TokenStore, usable

CODE_LIFETIME = 120.0
PREVIOUS = "previous_refresh_token"
"""The attribute in which a request carries the refresh token that it uses, once it is found."""


class Conditions(Protocol):
    """What the server says of itself and of the moment."""

    faults: AuthorizationServerFaults
    counters: Counter[str]

    @property
    def issuer(self) -> str: ...

    def now(self) -> float: ...


class PracticeRequestValidator(ClientAuthentication):
    def __init__(
        self,
        conditions: Conditions,
        clients: Mapping[str, Client],
        store: TokenStore,
        devices: DeviceAuthorizations,
    ) -> None:
        super().__init__(clients)
        self._conditions = conditions
        self._store = store
        self._devices = devices

    # The authorization request

    def validate_redirect_uri(
        self,
        client_id: str,
        redirect_uri: str,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        return self._clients[client_id].may_redirect_to(redirect_uri)

    def get_default_redirect_uri(
        self, client_id: str, request: Request, *args: object, **kwargs: object
    ) -> str:
        return ""  # always to be named: several are registered

    def get_default_scopes(
        self, client_id: str, request: Request, *args: object, **kwargs: object
    ) -> list[str]:
        return ["profile"]

    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: Any,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        return set(scopes) <= set(client.scopes)

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return True

    def validate_silent_login(self, request: Request) -> bool:
        return False

    def validate_silent_authorization(self, request: Request) -> bool:
        return False

    def validate_user_match(
        self, id_token_hint: str, scopes: Any, claims: Any, request: Request
    ) -> bool:
        return True

    # Codes

    def save_authorization_code(
        self, client_id: str, code: Any, request: Request, *args: object, **kwargs: object
    ) -> None:
        now = self._conditions.now()
        self._store.codes[code["code"]] = AuthorizationCode(
            code["code"],
            client_id,
            request.redirect_uri or "",
            request.user or "",
            self._granted(request.scopes),
            request.nonce,
            request.code_challenge or "",
            request.code_challenge_method or "",
            now + CODE_LIFETIME,
            now,
        )

    def validate_code(
        self,
        client_id: str,
        code: str,
        client: Any,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        record = self._store.codes.get(code)
        if record is None or record.client_id != client_id:
            return False
        if record.family:
            # RFC 6749 section 4.1.2: what was issued for a code used twice is revoked.
            self._conditions.counters["code_reuse"] += 1
            self._store.revoke_family(record.family)
            return False
        if record.expires_at <= self._conditions.now():
            return False
        request.user = record.login
        request.scopes = list(record.scopes)
        return True

    def get_authorization_code_scopes(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> list[str]:
        record = self._store.codes.get(code)
        return list(record.scopes) if record else []

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> str:
        return self._store.codes[code].nonce or ""

    def get_code_challenge(self, code: str, request: Request) -> str:
        return self._store.codes[code].challenge

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return self._store.codes[code].challenge_method

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Any,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        return self._store.codes[code].redirect_uri == redirect_uri

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: object, **kwargs: object
    ) -> None:
        """`save_bearer_token` marked it with the family that it began."""

    # Tokens

    def save_bearer_token(
        self, token: Any, request: Request, *args: object, **kwargs: object
    ) -> None:
        previous: IssuedToken | None = getattr(request, PREVIOUS, None)
        family = previous.family if previous else self._store.new_family()
        if request.code and request.code in self._store.codes:
            self._store.codes[request.code].family = family
        access, refresh = token["access_token"], token.get("refresh_token", "")
        lifetime = self._conditions.faults.lifetime
        for value, kind, lives in ((access, "access", lifetime), (refresh, "refresh", None)):
            if value and value not in self._store.issued:
                self._issue(value, kind, lives, family, request)
        if previous and self.rotate_refresh_token(request) and previous.retired_at is None:
            previous.retired_at = self._conditions.now()
            previous.successor = (access, refresh)

    def _issue(
        self, value: str, kind: str, lives: float | None, family: int, request: Request
    ) -> None:
        now = self._conditions.now()
        self._store.issued[value] = IssuedToken(
            value,
            kind,
            request.client_id or "",
            request.user or "",
            self._granted(request.scopes),
            family,
            now,
            None if lives is None else now + lives,
        )

    def _granted(self, scopes: list[str] | None) -> tuple[str, ...]:
        narrow = self._conditions.faults.narrow_scope
        return tuple(narrow.split()) if narrow else tuple(scopes or ())

    def rotate_refresh_token(self, request: Request) -> bool:
        faults = self._conditions.faults
        return faults.rotation and not faults.omit_refresh_token

    def validate_refresh_token(
        self,
        refresh_token: str,
        client: Any,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        token = self._store.find(refresh_token, "refresh")
        if token is None or token.client_id != client.client_id or token.revoked:
            return False
        if token.retired_at is not None and not self._within_grace(token):
            self._conditions.counters["refresh_token_reuse"] += 1
            if self._conditions.faults.reuse_detection:
                self._store.revoke_family(token.family)
            return False
        request.user = token.login
        setattr(request, PREVIOUS, token)
        return True

    def _within_grace(self, token: IssuedToken) -> bool:
        assert token.retired_at is not None
        faults = self._conditions.faults
        successor = self._store.find(token.successor[1])
        if successor is not None and successor.retired_at is not None:
            return False  # the newer token was used: whoever holds the old one is late, or a thief
        if self._conditions.now() - token.retired_at > faults.grace or faults.grace <= 0:
            return False
        self._conditions.counters["refresh_token_reuse_in_grace"] += 1
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Request, *args: object, **kwargs: object
    ) -> list[str]:
        return list(self._store.issued[refresh_token].scopes)

    def validate_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        issued = self._store.find(token, "access")
        if issued is None or not usable(issued, self._conditions.now()):
            return False
        request.user = issued.login
        request.scopes = list(issued.scopes)
        return True

    def revoke_token(
        self, token: str, token_type_hint: str, request: Request, *args: object, **kwargs: object
    ) -> None:
        issued = self._store.find(token)
        if issued and request.client and issued.client_id == request.client.client_id:
            self._store.revoke(token)

    def introspect_token(
        self, token: str, token_type_hint: str, request: Request, *args: object, **kwargs: object
    ) -> dict[str, Any] | None:
        issued = self._store.find(token)
        if issued is None or not usable(issued, self._conditions.now()):
            return None
        return {
            "client_id": issued.client_id,
            "sub": PEOPLE[issued.login].subject,
            "username": issued.login,
            "scope": " ".join(issued.scopes),
            "iat": int(issued.issued_at),
            "iss": self._conditions.issuer,
            **({} if issued.expires_at is None else {"exp": int(issued.expires_at)}),
        }

    def validate_device_code(self, client_id: str, code: str, request: Request) -> str | None:
        return self._devices.poll(client_id, code, request, self._conditions.now())

    # OpenID Connect

    def get_id_token(self, token: Any, token_handler: Any, request: Request) -> str:
        faults = self._conditions.faults
        record = self._store.codes.get(request.code or "")
        honest = id_token.claims(
            issuer=self._conditions.issuer,
            subject=PEOPLE[request.user or ""].subject,
            audience=request.client_id or "",
            now=self._conditions.now(),
            nonce=record.nonce if record else None,
            access_token=token["access_token"],
            auth_time=record.auth_time if record else None,
        )
        return id_token.sign(
            id_token.spoil(honest, faults.id_token), faults.signing_key, faults.id_token
        )

    def get_userinfo_claims(self, request: Request) -> dict[str, Any]:
        person = PEOPLE[request.user or ""]
        scopes = request.scopes or []
        claims: dict[str, Any] = {"sub": self._conditions.faults.userinfo_subject or person.subject}
        if "profile" in scopes:
            claims["name"] = person.name
            claims["preferred_username"] = person.login
            claims["picture"] = f"{self._conditions.issuer}/picture/{person.login}.png"
        if "email" in scopes:
            claims["email"] = person.email
            claims["email_verified"] = True
        return claims


def reissued(request: Request, place: int) -> str | None:
    """One of the pair issued before, where a retired refresh token is used in its grace window."""
    previous: IssuedToken | None = getattr(request, PREVIOUS, None)
    return previous.successor[place] if previous and previous.retired_at is not None else None
