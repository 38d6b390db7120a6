"""What a person sees of the Speckle stand-in: log in, authorise an app, be sent back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from manager.practice.page import page, problem_note, who

from .applications import ALL_SCOPES, Application

DEVELOPER = "/settings/user/developer"
_BRAND, _ACCENT = "Speckle Practice", "#136cff"
_USUAL = ("profile:read", "profile:email", "streams:read")


def _page(title: str, content: str, head: str = "") -> str:
    return page(title, _BRAND, _ACCENT, content, head=head)


def login_page(problem: str = "") -> str:
    return _page(
        "Log in",
        f"<h1>Welcome back</h1><p>Log in to your Speckle account.</p>{problem_note(problem)}"
        '<form method="post" action="/authn/login">'
        '<label>Email<input name="email" required autofocus autocomplete="username" '
        'autocapitalize="none" spellcheck="false" placeholder="alice@example.com"></label>'
        '<label>Password<input name="password" type="password" required '
        'autocomplete="current-password"></label><button id="log-in">Log in</button></form>'
        '<div class="hint">This is a practice server on your own machine. Log in as <b>alice</b> '
        "or <b>bob</b> with any password.</div>",
    )


def authorize_page(app: Application, login: str) -> str:
    wishes = "".join(f"<li>{escape(scope)}</li>" for scope in app.scopes)
    return _page(
        f"Authorize {app.name}",
        f"<h1>Authorize {escape(app.name)}?</h1><p>It asks for these scopes:</p>"
        f'{who(login)}<ul>{wishes}</ul><form method="post"><div class="row">'
        '<button id="allow" name="decision" value="allow" autofocus>Authorize</button>'
        '<button id="deny" name="decision" value="deny" class="plain">Deny</button>'
        "</div></form>",
    )


def leaving_page(app: Application, target: str, delay: float, *, denied: bool) -> str:
    """Goes on by itself after `delay` seconds, as the real page does, and has a link as well."""
    place = json.dumps(target).replace("<", "\\u003c")
    script = f"<script>setTimeout(() => location.replace({place}), {int(delay * 1000)})</script>"
    content = escape(f"{delay:g};url={target}")
    noscript = f'<noscript><meta http-equiv="refresh" content="{content}"></noscript>'
    title = "Access denied" if denied else "You are authorized"
    words = "was not given access" if denied else "can now use your account"
    return _page(
        title,
        f"<h1>{title}</h1><p>{escape(app.name)} {words}. You can close this page when the program "
        f'has come back.</p><a class="button" href="{escape(target)}">Go back to the program</a>',
        script + noscript,
    )


def problem_page(sentence: str) -> str:
    return _page("Something went wrong", f"<h1>Something went wrong</h1><p>{escape(sentence)}</p>")


def home_page(origin: str) -> str:
    return _page(
        "Projects",
        f"<h1>It works</h1><p>Add {escape(origin)} to Account Manager.</p>"
        f'<p><a href="{DEVELOPER}">Personal access tokens</a></p>',
    )


def developer_page(login: str, tokens: Sequence[str], made: str = "") -> str:
    """`tokens`: names of those that there are; `made`: the new one, shown this once."""
    listed = "".join(f"<li>{escape(name)}</li>" for name in tokens)
    new = f'<p>Copy it now: <code id="token">{escape(made)}</code></p>' if made else ""
    boxes = "".join(
        f'<label><input type="checkbox" name="{scope}" value="on"'
        f"{' checked' if scope in _USUAL else ''}>{scope}</label>"
        for scope in ALL_SCOPES
        if scope != "tokens:write"
    )
    return _page(
        "Developer settings",
        f"<h1>Personal access tokens</h1>{who(login)}{new}{f'<ul>{listed}</ul>' if listed else ''}"
        f'<form method="post"><label>Name<input name="name" required></label>'
        f'<div class="scopes">{boxes}</div><button id="create">Create token</button></form>',
        "<style>.scopes { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 12px; margin:"
        " 0 0 20px } .scopes label { display: flex; align-items: center; gap: 8px; margin: 0;"
        " font-weight: 400; font-size: 13.5px } .scopes input { width: auto; margin: 0 }"
        " code { display: block; overflow-wrap: anywhere; color: var(--ink) }</style>",
    )
