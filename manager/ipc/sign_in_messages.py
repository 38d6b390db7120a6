"""Servers, sign-ins and forms as the wire has them; the shapes are those of the message table."""

from __future__ import annotations

from typing import Any

from manager.core.account import Server
from manager.core.provider import ServerProbe
from manager.core.sign_in_form import FormField, SignInForm
from manager.services.pending_sign_in import (
    BrowserSignIn,
    DeviceSignIn,
    FormSignIn,
    PendingSignIn,
)


def probe_message(probe: ServerProbe, provider_name: str) -> dict[str, Any]:
    """The result of `servers.probe`."""
    return {
        "provider": probe.provider,
        "provider_name": provider_name,
        "name": probe.server.name,
        "url": probe.server.url,
        "sign_in_methods": probe.sign_in_methods,
        "redirect_methods": probe.redirect_methods,
        "needs": probe.needs,
        "redirect_uris": None if probe.redirect_uris is None else dict(probe.redirect_uris),
        "dialect": probe.dialect,
        "forms": [form_message(form) for form in probe.forms],
    }


def sign_in_message(pending: PendingSignIn) -> dict[str, Any]:
    """The `SIGN_IN` of the message table: what all methods have, and what this one needs."""
    target = pending.target
    message: dict[str, Any] = {
        "sign_in": pending.id,
        "method": pending.method.value,
        "server": server_message(target.server),
        "provider": target.provider.id,
        "provider_name": target.provider.name,
        "expires_at": pending.expires_at,
    }
    match pending:
        case BrowserSignIn():
            message["redirect"] = pending.redirect.value
            message["redirect_uri"] = pending.authorization.redirect_uri
            message["authorization_url"] = pending.authorization.authorization_url
        case DeviceSignIn():
            message["user_code"] = pending.device.user_code
            message["verification_uri"] = pending.device.verification_uri
            message["verification_uri_complete"] = pending.device.verification_uri_complete
        case FormSignIn():
            message["form"] = form_message(pending.form.form)
    return message


def form_message(form: SignInForm) -> dict[str, Any]:
    return {
        "id": form.id,
        "title": form.title,
        "note": form.note,
        "fields": [field_message(field) for field in form.fields],
    }


def field_message(field: FormField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "required": field.required,
        "hint": field.hint,
        "choices": field.choices,
        "default": field.default,
    }


def server_message(server: Server) -> dict[str, Any]:
    message = {"url": server.url, "name": server.name}
    if server.moved_from is not None:
        message["moved_from"] = server.moved_from
    return message
