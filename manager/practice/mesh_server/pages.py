"""What a person sees of the tenant."""

from __future__ import annotations

from html import escape

from manager.practice.page import hidden, page, problem_note

_BRAND, _ACCENT = "Mesh", "#5b3df5"


def login_page(transaction: str, user_code: str = "", problem: str = "") -> str:
    """Login and consent at once; `user_code`: of the device that asks."""
    asks = f"to connect the device that shows <b>{escape(user_code)}</b>" if user_code else ""
    return page(
        "Log in",
        _BRAND,
        _ACCENT,
        f"<h1>Log in</h1><p>to continue to Mesh {asks}</p>{problem_note(problem)}"
        f'<form method="post" action="/u/login">{hidden({"transaction": transaction})}'
        '<label>Email<input name="login" required autofocus autocomplete="username"></label>'
        '<label>Password<input name="password" type="password" '
        'autocomplete="current-password"></label><div class="row">'
        '<button id="allow" name="action" value="default">Continue</button>'
        '<button id="deny" name="action" value="deny" class="plain">Cancel</button></div></form>'
        '<div class="hint">This is a practice server on your own machine. Log in as '
        "<b>alice</b> or <b>bob</b> with any password.</div>",
    )


def code_page(user_code: str, problem: str = "") -> str:
    return page(
        "Connect a device",
        _BRAND,
        _ACCENT,
        f"<h1>Connect a device</h1><p>Type the code that your device shows.</p>"
        f'{problem_note(problem)}<form method="get" action="/activate"><label>Code'
        f'<input name="user_code" value="{escape(user_code)}" required autofocus></label>'
        '<button id="go-on">Confirm</button></form>',
    )


def said(title: str, sentence: str) -> str:
    content = f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>"
    return page(title, _BRAND, _ACCENT, content)
