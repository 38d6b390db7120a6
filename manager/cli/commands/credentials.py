"""account-manager credentials: the keys and tokens that a server keeps for you."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence

from manager.cli.account_choice import found
from manager.cli.confirmation import confirmed
from manager.cli.exit_status import status_of
from manager.cli.field_values import completed, named
from manager.cli.output import notice, say, say_json, shown, table
from manager.client import Account, Client
from manager.client.errors import AccountNotFound, InvalidRequest, ScopeNotGranted
from manager.client.exchange import objects

SUMMARY = "list, make and revoke the keys that a server keeps for you"
EXAMPLES = """\
account-manager credentials alice@example.com
account-manager credentials list alice@example.com api_key --json
account-manager credentials create alice@example.com api_key --set name=nightly > key.txt
account-manager credentials create alice@example.com api_key --keep    (as an account)
account-manager credentials revoke alice@example.com nightly"""
_PATIENCE = 60.0
_REFUSED = status_of("scope_not_granted")
_ACTIONS = ("list", "create", "revoke")
Fields = Mapping[str, object]


def add_arguments(parser: ArgumentParser) -> None:
    parser.usage = (
        "account-manager credentials [-h] [--json] [list] ACCOUNT [KIND]\n"
        "       account-manager credentials create ACCOUNT [KIND] [--set NAME=VALUE] [--keep]\n"
        "       account-manager credentials revoke ACCOUNT CREDENTIAL [--yes]"
    )
    parser.add_argument("words", nargs="+", metavar="WORD", help="see above")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what a new one shall have (may be given repeatedly); the rest is asked for",
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the new one as an account, and do not show it"
    )
    parser.add_argument("--yes", action="store_true", help="revoke without asking")


def run(arguments: Namespace) -> int:
    words = list(arguments.words)
    action = words.pop(0) if words[0] in _ACTIONS and len(words) > 1 else "list"
    if len(words) > 2 or (action == "revoke" and len(words) < 2):
        raise InvalidRequest(
            "These are too many words." if len(words) > 2 else "Nothing to revoke is named.",
            hint="See account-manager credentials --help",
        )
    rest = words[1] if len(words) == 2 else None
    with Client(control=True, name="account-manager") as client:
        account = found(client, words[0])
        answer = client.call("credentials.kinds", {"account": account.id}, _PATIENCE)
        kinds = objects(answer, "kinds")
        if action == "create":
            return _create(client, account, _makeable(kinds, rest), arguments)
        if action == "revoke":
            return _revoke(client, account, kinds, str(rest), arguments)
        return _list(client, account, kinds, rest, as_json=arguments.json)


# List ---------------------------------------------------------------------------------------------


def _list(
    client: Client, account: Account, kinds: Sequence[Fields], kind: str | None, *, as_json: bool
) -> int:
    if kind is not None:
        kinds = [_of_kind(kinds, kind)]
    kept, reasons = _kept(client, account, kinds)
    status = _REFUSED if reasons and len(reasons) == len(kinds) else 0
    if as_json:
        say_json({"kinds": [*kinds], "credentials": kept})
        return status
    labels = {each["id"]: each.get("label") for each in kinds}
    if kept:
        rows = [_row(each, labels) for each in kept]
        table(("", "ID", "NAME", "KIND", "SCOPES", "MADE", "ENDS", "LAST USED"), rows)
        if any(each.get("is_current") for each in kept):
            notice("* is the one that this account itself uses.")
    elif not reasons:
        say(f"The server keeps none for {shown(account.identity)}.")
    for reason in reasons:
        notice(shown(reason))
    for each in kinds:
        if each.get("can_create"):
            who = shown(f"{account.identity} {each['id']}")
            notice(f"Make one: account-manager credentials create {who}")
    return status


def _kept(
    client: Client, account: Account, kinds: Sequence[Fields]
) -> tuple[list[dict[str, object]], list[str]]:
    """What there is, and why there is no more to see."""
    kept: list[dict[str, object]] = []
    reasons: list[str] = []
    for each in kinds:
        if each.get("unavailable"):
            reasons.append(f"{each.get('label')}: {each['unavailable']}")
            continue
        params = {"account": account.id, "kind": each["id"]}
        try:
            kept += objects(client.call("credentials.list", params, _PATIENCE), "credentials")
        except ScopeNotGranted as refused:
            reasons.append(f"{each.get('label')}: {refused.message} {refused.hint}".rstrip())
    return kept, reasons


def _row(credential: Fields, labels: Mapping[object, object]) -> tuple[str, ...]:
    scopes = credential.get("scopes")
    name = f"{credential.get('name') or ''} {credential.get('hint') or ''}".strip()
    words = (
        credential.get("id"),
        name,
        labels.get(credential.get("kind"), credential.get("kind")),
        " ".join(map(str, scopes)) if isinstance(scopes, list) else "",
        _day(credential.get("created_at")),
        _day(credential.get("expires_at")) or "never",
        _day(credential.get("last_used_at")),
    )
    return ("*" if credential.get("is_current") else "", *(shown(word) for word in words))


def _day(seconds: object) -> str:
    if not isinstance(seconds, (int, float)):
        return ""
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


# Create -------------------------------------------------------------------------------------------


def _create(client: Client, account: Account, kind: Fields, arguments: Namespace) -> int:
    fields = objects(dict(kind), "fields")
    values = completed(named(arguments.set, fields), fields)
    params = {
        "account": account.id,
        "kind": kind["id"],
        "values": values,
        "keep": arguments.keep,
    }
    made = client.call("credentials.create", params, _PATIENCE)
    if arguments.json:
        say_json(made)
        return 0
    credential, kept = made.get("credential"), made.get("account")
    name = credential.get("name") if isinstance(credential, dict) else ""
    if isinstance(kept, dict):
        signed_in = Account.from_wire(kept)
        where = f"{signed_in.identity} at {signed_in.server_url}"
        say(f"{shown(name)} was made and is kept as an account: {shown(where)}.")
        return 0
    if arguments.keep:
        notice(f"{shown(kind.get('label'))} cannot be kept as an account.")
    notice(f"{shown(name)} was made at {shown(account.server_url)}. Its secret is shown this once:")
    print(shown(made.get("secret", "")))
    return 0


def _makeable(kinds: Sequence[Fields], wanted: str | None) -> Fields:
    if wanted is not None:
        kind = _of_kind(kinds, wanted)
        if kind.get("unavailable"):
            raise ScopeNotGranted(str(kind["unavailable"]))
        return kind
    makeable = [each for each in kinds if each.get("can_create")]
    if len(makeable) != 1:
        ids = ", ".join(str(each["id"]) for each in makeable)
        raise InvalidRequest(
            "Say of which kind." if makeable else "None can be made with this account.",
            hint=f"Kinds: {ids}." if ids else "",
        )
    return makeable[0]


def _of_kind(kinds: Sequence[Fields], wanted: str) -> Fields:
    for each in kinds:
        if wanted == each["id"]:
            return each
    ids = ", ".join(str(each["id"]) for each in kinds)
    raise InvalidRequest(f"There is no kind {wanted} here.", hint=f"Kinds: {ids}.")


# Revoke -------------------------------------------------------------------------------------------


def _revoke(
    client: Client,
    account: Account,
    kinds: Sequence[Fields],
    wanted: str,
    arguments: Namespace,
) -> int:
    kept, reasons = _kept(client, account, kinds)
    fitting = [each for each in kept if wanted == each.get("id")]
    fitting = fitting or [each for each in kept if wanted == each.get("name")]
    if len(fitting) != 1:
        raise AccountNotFound(
            f"{'Several are' if fitting else 'None is'} called {wanted}.",
            hint=" ".join(reasons) or "Name its id: account-manager credentials list ACCOUNT",
        )
    (credential,) = fitting
    own = " It is the one that this account itself uses." if credential.get("is_current") else ""
    name = shown(f"{credential.get('name') or credential['id']} {credential.get('hint') or ''}")
    if not confirmed(f"Revoke {name.strip()} at {shown(account.server_url)}?{own}", arguments.yes):
        say("Nothing was revoked.")
        return 0
    params = {
        "account": account.id,
        "kind": credential["kind"],
        "credential": credential["id"],
    }
    client.call("credentials.revoke", params, _PATIENCE)
    if arguments.json:
        say_json({"revoked": credential})
    else:
        say(f"{name.strip()} is revoked.")
    return 0
