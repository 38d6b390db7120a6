"""What a person sees of the authorization server: login, consent, a code to type, and errors."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from manager.practice.page import hidden, page, problem_note, who

_BRAND, _ACCENT = "Northwind ID", "#2f5bea"
_SCOPES = {
    "openid": "Know who you are",
    "profile": "See your name and picture",
    "email": "See your email address",
    "offline_access": "Stay signed in until you sign out",
    "api": "Read and write your projects",
}


def _page(title: str, content: str) -> str:
    return page(title, _BRAND, _ACCENT, content)


def login_page(transaction: str, client_name: str, hint: str, problem: str = "") -> str:
    return _page(
        "Sign in",
        f"<h1>Sign in</h1><p>to continue to <b>{escape(client_name)}</b></p>{problem_note(problem)}"
        f'<form method="post" action="/login">{hidden({"transaction": transaction})}'
        f'<label>Login name<input name="login" value="{escape(hint)}" required autofocus '
        'autocomplete="username" autocapitalize="none" spellcheck="false"></label>'
        '<label>Password<input name="password" type="password" '
        'autocomplete="current-password"></label><button id="sign-in">Sign in</button></form>'
        '<div class="hint">This is a practice server on your own machine. Sign in as '
        "<b>alice</b> or <b>bob</b> with any password.</div>",
    )


def consent_page(transaction: str, client_name: str, login: str, scopes: Iterable[str]) -> str:
    wishes = "".join(f"<li>{escape(_SCOPES.get(scope, scope))}</li>" for scope in scopes)
    return _page(
        "Allow access",
        f"<h1>{escape(client_name)} asks for access</h1><p>It would be able to:</p>"
        f'{who(login)}<ul>{wishes}</ul><form method="post" action="/consent">'
        f'{hidden({"transaction": transaction})}<div class="row">'
        '<button id="allow" name="decision" value="allow" autofocus>Allow</button>'
        '<button id="deny" name="decision" value="deny" class="plain">Deny</button></div></form>'
        '<div class="hint">You can withdraw this at any time by signing out there.</div>',
    )


def device_page(user_code: str, problem: str = "") -> str:
    return _page(
        "Connect a device",
        "<h1>Connect a device</h1><p>Type the code that your device shows. Go on only if you "
        f"started this yourself.</p>{problem_note(problem)}"
        '<form method="get" action="/device"><label>Code'
        f'<input name="user_code" value="{escape(user_code)}" required autofocus '
        'autocomplete="off" spellcheck="false" placeholder="XXXX-XXXX"></label>'
        '<button id="go-on">Go on</button></form>',
    )


def done_page(title: str, sentence: str) -> str:
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>")


def error_page(sentence: str) -> str:
    return _page(
        "This link does not work",
        f"<h1>This link does not work</h1><p>{escape(sentence)}</p>"
        '<div class="hint">Go back to the program that sent you here and start again.</div>',
    )
