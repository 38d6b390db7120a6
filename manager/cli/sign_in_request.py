"""Begin a sign-in as the command line asks for it, in the way that fits server and place."""

from __future__ import annotations

from argparse import Namespace

from manager.client import Account, Client
from manager.client.errors import AccountManagerError, InvalidRequest
from manager.client.exchange import given
from manager.system.headless import here

from .account_choice import found
from .form_prompt import chosen_form
from .output import notice
from .sign_in_choice import SignInChoice, chosen_way, texts
from .terminal_input import on_terminal
from .variable_suggestion import suggested
from .vault_prompt import is_file_vault, opened

_PREPARING = 120.0
"""Seconds for finding out what stands at the address; a second sign-in at the same redirect URI
waits that long for its turn."""


def begin(
    client: Client, arguments: Namespace, secret: str | None
) -> tuple[dict[str, object], SignInChoice]:
    again = found(client, arguments.account) if arguments.account else None
    server, method = arguments.server or (again.server_url if again else None), arguments.method
    if server is None and arguments.provider:
        variables = suggested(client, arguments.provider)
        server, method = variables.server, method or variables.method
    if server is None:
        raise InvalidRequest("No server is named.", hint="account-manager login SERVER")
    if arguments.form or arguments.field:
        method = "form"
    way = SignInChoice(method, arguments.redirect, opens_browser=not arguments.no_browser)
    form = arguments.form
    if method in {None, "form"} and form is None:
        way, form = _fitting(client, arguments, way, server, again)
    params = given(
        server=server,
        provider=arguments.provider,
        dialect=arguments.dialect,
        method=way.method,
        redirect=way.redirect,
        client_id=arguments.client_id,
        client_secret=secret,
        scopes=arguments.scope,
        account=again.id if again else None,
        form=form,
    )
    return _begin_unlocked(client, params), way


def _fitting(
    client: Client, arguments: Namespace, asked: SignInChoice, server: str, again: Account | None
) -> tuple[SignInChoice, str | None]:
    """What the server offers decides, beside the place where the person is."""
    provider = arguments.provider or (again.provider if again else None)
    params = given(url=server, provider=provider, dialect=arguments.dialect)
    probe = client.call("servers.probe", params, _PREPARING)
    offered = texts(probe, "sign_in_methods")
    way = chosen_way(offered, texts(probe, "redirect_methods"), asked, here())
    if way.why:
        notice(way.why)
    forms = probe.get("forms")
    by_form = way.method == "form" or (way.method is None and offered[:1] == ["form"])
    if not by_form or not isinstance(forms, list):
        return way, None
    return way, chosen_form(forms, None)


def _begin_unlocked(client: Client, params: dict[str, object]) -> dict[str, object]:
    """A file vault that is locked is opened on the way, where somebody can be asked."""
    try:
        return client.call("sign_in.begin", params, _PREPARING)
    except AccountManagerError as error:
        if error.kind != "keychain_locked" or not on_terminal():
            raise
        status = client.call("agent.status")
        if not is_file_vault(status):
            raise
    opened(client, made=status.get("vault_made") is True)
    return client.call("sign_in.begin", params, _PREPARING)
