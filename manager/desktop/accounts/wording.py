"""What the accounts page says, in a person's words."""

from __future__ import annotations

import re
from datetime import datetime

from manager.desktop.account import Account, State
from manager.desktop.plain_text import address

_REASONS = {
    "refresh_refused": "{server} no longer accepts this sign-in. It may have been ended there.",
    "refresh_uncertain": "An answer of {server} was lost on its way, and it now wants to see you "
    "again.",
    "revoked": "{server} does not accept what this account holds any more.",
    "not_renewable": "This sign-in has run out, and {server} does not renew it by itself.",
    "key_missing": "The keychain no longer has the key of this account.",
    "key_corrupt": "What was stored for this account is damaged.",
}
_SCOPES = {
    "openid": "Know who you are",
    "profile": "See your profile",
    "email": "See your e-mail address",
    "address": "See your postal address",
    "phone": "See your phone number",
    "groups": "See your groups",
    "offline_access": "Stay signed in",
    "profile:read": "See your profile",
    "profile:write": "Change your profile",
    "profile:email": "See your e-mail address",
    "profile:delete": "Delete your profile",
    "streams:read": "See projects",
    "streams:write": "Change projects",
    "users:read": "See other people",
    "users:email": "See other people's e-mail addresses",
    "users:invite": "Invite people",
    "server:stats": "See server statistics",
    "server:setup": "Set up the server",
    "tokens:read": "See access tokens",
    "tokens:write": "Make access tokens",
    "apps:read": "See apps",
    "apps:write": "Change apps",
    "workspace:read": "See workspaces",
    "workspace:create": "Create workspaces",
    "workspace:update": "Change workspaces",
    "workspace:delete": "Delete workspaces",
    "workspace:billing": "See workspace billing",
    "automate:report-results": "Report automation results",
    "automate-functions:read": "See automation functions",
    "automate-functions:write": "Change automation functions",
}


_VERBS = {
    "read": "See",
    "view": "See",
    "list": "See",
    "write": "Change",
    "update": "Change",
    "edit": "Change",
    "create": "Create",
    "delete": "Delete",
    "manage": "Manage",
    "invite": "Invite",
    "execute": "Run",
    "run": "Run",
}


def scope_words(scope: str) -> str:
    """`streams:read` -> "See projects"; `charts.write` and `write:charts` -> "Change charts". One
    that says no such thing stays what it is."""
    known = _SCOPES.get(scope)
    if known:
        return known
    parts = re.split(r"[:.]", scope)
    if len(parts) == 2 and all(parts):
        for verb, noun in (parts, parts[::-1]):
            if verb in _VERBS and noun not in _VERBS:
                return f"{_VERBS[verb]} {_spaced(noun)}"
    return scope


def role_words(role: str) -> str:
    """`server:admin` -> "Admin", `content_editor` -> "Content editor"."""
    words = _spaced(role.rsplit(":", 1)[-1])
    return f"{words[:1].upper()}{words[1:]}" if words else role


def _spaced(name: str) -> str:
    return re.sub(r"[_-]+", " ", name).strip()


def moved_line(account: Account) -> str:
    """Where its server was before: programs may still ask for it there."""
    return f"Moved from {address(account.moved_from)}" if account.moved_from else ""


def verdict_sentence(account: Account, *, signed_in: bool, message: str) -> str:
    """What the server said when it was asked."""
    what = account.what.lower() or "sign-in"
    if signed_in:
        return f"{account.server_name} accepts this {what}."
    return message or f"{account.server_name} no longer accepts this {what}."


def attention_sentence(account: Account) -> str:
    """Why only the person can go on."""
    template = _REASONS.get(account.reason, "{server} wants to see you again.")
    return template.format(server=account.server_name)


def validity(account: Account, now: datetime) -> tuple[str, str]:
    """("Valid until 14:32", "Renews by itself"): how long, and what happens then.

    `now` carries the person's time zone.
    """
    if account.state is State.ATTENTION:
        return "Not valid", "Programs get no tokens until you sign in again."
    after = "Renews by itself" if account.renews else "Then you sign in again"
    if account.is_key and not account.renews:
        after = "Then you bring another one"
    if account.expires_at is None:
        return "Valid until the server ends it", after
    until = datetime.fromtimestamp(account.expires_at, now.tzinfo)
    if until <= now:
        if not account.renews:
            return "Run out", "Sign in again to go on."
        if account.state is State.AWAY:
            return "Waiting for the server", "Renews by itself as soon as the server answers."
        return "Renewing", "A fresh one is fetched by itself."
    return f"Valid until {moment(until, now)}", after


def moment(then: datetime, now: datetime) -> str:
    """`14:32` today, `tomorrow 09:05`, else `3 December 14:32` with the year when it differs."""
    clock = f"{then:%H:%M}"
    days = (then.date() - now.date()).days
    if days == 0:
        return clock
    if days == 1:
        return f"tomorrow {clock}"
    year = "" if then.year == now.year else f" {then.year}"
    return f"{then.day} {then:%B}{year}, {clock}"


def sign_out_sentence(account: Account) -> str:
    """What signing out will do, before it is done."""
    return (
        f"{account.server_name} is told to end this sign-in, and everything kept for "
        f"{account.identity} is removed from this computer. Programs that use it will ask you "
        "to sign in again. It is removed here even when the server cannot be reached."
    )


def signed_out_sentence(name: str, server: str, revoked: object) -> str:
    """What signing out did. `revoked` is the protocol's true, false or "unreachable"."""
    if revoked is True:
        return f"{name} is signed out of {server}."
    if revoked == "unreachable":
        return (
            f"{name} is removed from this computer. {server} could not be reached, so the "
            "sign-in ends there when it runs out."
        )
    return f"{name} is removed from this computer. {server} has no way to end a sign-in."
