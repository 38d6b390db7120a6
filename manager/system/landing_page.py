"""The page that the browser shows when it has come back: all in one answer, no script."""

from __future__ import annotations

import base64
import hashlib
import html

_STYLE = """
:root{color-scheme:light dark;--ground:#f5f6f8;--card:#fff;--text:#1b1f24;--soft:#5a6472;
--line:#e1e5ea;--good:#1a7f4b;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1e2227;--text:#e9ecf0;
--soft:#a3adb9;--line:#2e343b;--good:#5fd39a;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;
background:var(--ground);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Cantarell,"Noto Sans",sans-serif}
main{width:100%;max-width:440px;padding:40px 36px;text-align:center;background:var(--card);
border:1px solid var(--line);border-radius:16px;box-shadow:0 8px 32px rgb(0 0 0/8%)}
svg{width:64px;height:64px;fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round;
stroke-linejoin:round}
.good{color:var(--good)}.bad{color:var(--bad)}
h1{margin:18px 0 8px;font-size:22px;font-weight:600}
p{margin:8px 0;color:var(--soft);overflow-wrap:anywhere}
small{display:block;margin-top:28px;color:var(--soft);font-size:13px}
"""
_GOOD = '<path d="M21 33l8 8 15-17"/>'
_BAD = '<path d="M32 20v16M32 44v.5"/>'
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds the code
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def signed_in_page() -> bytes:
    """The account stands in the program."""
    return _page(
        "You are signed in",
        ("The account is in Account Manager now.", "You can close this tab."),
        good=True,
    )


def failed_page(message: str, hint: str) -> bytes:
    """The answer could not be used; `message` and `hint` are plain text."""
    return _page("The sign-in did not work", (message, hint), good=False)


def _page(title: str, lines: tuple[str, ...], *, good: bool) -> bytes:
    tone, mark = ("good", _GOOD) if good else ("bad", _BAD)
    text = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<svg class="{tone}" viewBox="0 0 64 64" aria-hidden="true">'
        f'<circle cx="32" cy="32" r="28"/>{mark}</svg>'
        f"<h1>{html.escape(title)}</h1>{text}<small>Account Manager</small></main></body></html>"
    ).encode()
