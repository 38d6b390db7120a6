"""Signing in with a personal access token that the person pastes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.secret import Secret, fingerprint
from manager.core.sign_in_form import FieldKind, FormField, SignInForm

from .access_token import HOW_TO_MAKE, cleaned, recognised
from .speckle_server import SpeckleServer

FORM = SignInForm(
    id="personal_access_token",
    title="Personal access token",
    note=HOW_TO_MAKE,
    fields=(FormField("token", "Personal access token", FieldKind.SECRET, hint="Paste it whole."),),
)
_NO_EMAIL = (
    "This token lacks the scope profile:email: its account would be shown without your e-mail"
    " address, by which programs tell accounts apart. Paste a token that has it, or the same one"
    " again to keep it as it is."
)


class AccessTokenForm:
    """See PendingForm. Keeps a digest of a token that it has warned of, never a token."""

    def __init__(self, server: SpeckleServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._warned_of = ""
        self._form = FORM

    @property
    def form(self) -> SignInForm:
        return self._form

    async def submit(self, values: Mapping[str, Secret]) -> SignInResult | SignInForm:
        token = cleaned(values["token"])
        result = await recognised(self._server, token, self._clock)
        if "profile:email" in result.scopes or self._warned_of == fingerprint(token):
            return result
        self._warned_of = fingerprint(token)
        self._form = replace(FORM, note=_NO_EMAIL)
        return self._form
