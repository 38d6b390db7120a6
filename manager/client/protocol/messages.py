"""The message table: every method of both sockets, its parameters and its result.

The client's plain values and the server's checked types are both made from this table. A type is
`str`, `int`, `float` (an int is one too), `bool`, `strs` (list of str), `object`, `objects`; a
trailing `?` means that it may be absent or null. Every method's params may also hold `timeout`
(float): how many seconds the caller is willing to wait for a person or a server.
"""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple

PROTOCOL_VERSION = 1

AGENT = "agent"
"""The connectors' socket."""
CONTROL = "control"
"""The socket of the desktop, the command line and the relay; it serves every method."""

TOPICS = (
    "account.added",
    "account.updated",
    "account.removed",
    "default.changed",
    "attention.needed",
)
CONTROL_TOPICS = (*TOPICS, "sign_in.progress")


class Method(NamedTuple):
    socket: str
    params: Mapping[str, str]
    result: Mapping[str, str]


ACCOUNT: Dict[str, str] = {
    "id": "str",
    "provider": "str",
    "server": "object",  # {url, name, moved_from?}
    "identity": "str",  # what is shown: an e-mail address or user name
    "display_name": "str",
    "has_avatar": "bool",
    "state": "str",  # signed_in | attention_needed
    "reason": "str?",
    "is_default": "bool",
    "is_server_default": "bool",
    "scopes": "strs",
    "capabilities": "strs",
    "last_attempt": "str?",  # of the last renewal: ok | unreachable | uncertain
    "expires_at": "int?",  # of the access token, unix seconds
    "renews": "bool?",  # by itself
    "roles": "strs",  # what the person is at the server, in the server's words
    "exported": "bool",  # other programs see it in their own plain-text file
    "is_key": "bool?",  # one of the person's keys, an account of its own beside their sign-in
}
TOKEN: Dict[str, str] = {
    "account": "str",
    "access_token": "str",
    "token_type": "str",
    "expires_at": "int?",
    "scopes": "strs",
}
SIGN_IN: Dict[str, str] = {
    "sign_in": "str",
    "method": "str",
    "server": "object",
    "provider": "str",
    "provider_name": "str",
    "redirect": "str?",
    "redirect_uri": "str?",
    "authorization_url": "str?",
    "user_code": "str?",
    "verification_uri": "str?",
    "verification_uri_complete": "str?",
    "form": "object?",  # {id, title, note, fields: [{name, label, kind, required, hint, ...}]}
    "expires_at": "int",
}

METHODS: Dict[str, Method] = {
    # Both sockets --------------------------------------------------------------------------------
    "hello": Method(
        AGENT,
        {"protocol": "int", "connector": "object"},  # connector: {name, version?}
        {"protocol": "int", "agent": "object", "session": "str", "consent": "str"},
    ),
    "accounts.list": Method(
        AGENT,
        {"server": "str?", "provider": "str?", "cursor": "str?", "limit": "int?"},
        {"accounts": "objects", "cursor": "str?"},
    ),
    "accounts.get": Method(AGENT, {"account": "str"}, ACCOUNT),
    "accounts.avatar": Method(AGENT, {"account": "str"}, {"media_type": "str", "base64": "str"}),
    "token.get": Method(
        AGENT,
        {
            "account": "str?",
            "server": "str?",
            "min_valid": "float?",
            "scopes": "strs?",
            "audience": "str?",
        },
        TOKEN,
    ),
    "token.refresh": Method(AGENT, {"account": "str", "rejected": "str"}, TOKEN),
    "token.variables": Method(
        AGENT,
        {"account": "str?", "server": "str?", "min_valid": "float?"},
        {"account": "str", "variables": "object", "expires_at": "int?"},  # variables: name -> text
    ),
    "request.headers": Method(
        AGENT,
        {"account": "str", "method": "str", "url": "str", "body_sha256": "str?"},
        {"headers": "object", "expires_at": "int?"},
    ),
    "events.subscribe": Method(AGENT, {"topics": "strs"}, {"topics": "strs"}),
    # Control socket ------------------------------------------------------------------------------
    "servers.probe": Method(
        CONTROL,
        {"url": "str", "provider": "str?", "dialect": "str?"},
        {
            "provider": "str",
            "provider_name": "str",
            "name": "str",
            "url": "str",
            "sign_in_methods": "strs",
            "redirect_methods": "strs",
            "needs": "strs",
            "redirect_uris": "object?",
            "dialect": "str",
            "forms": "objects",
        },
    ),
    "servers.list": Method(CONTROL, {}, {"servers": "objects"}),  # presets: {url, name, provider}
    "sign_in.begin": Method(
        CONTROL,
        {
            "server": "str",
            "provider": "str?",
            "method": "str?",
            "redirect": "str?",
            "client_id": "str?",
            "client_secret": "str?",
            "scopes": "strs?",
            "account": "str?",
            "select_account": "bool?",
            "form": "str?",
            "dialect": "str?",
        },
        SIGN_IN,
    ),
    "sign_in.complete": Method(CONTROL, {"uri": "str"}, {"sign_in": "str", "account": "object"}),
    "sign_in.submit": Method(
        CONTROL,
        {"sign_in": "str", "fields": "object"},
        {"sign_in": "str", "account": "object?", "form": "object?"},
    ),
    "sign_in.wait": Method(CONTROL, {"sign_in": "str"}, {"sign_in": "str", "account": "object"}),
    "sign_in.cancel": Method(CONTROL, {"sign_in": "str"}, {"cancelled": "bool"}),
    "sign_in.list": Method(CONTROL, {}, {"sign_ins": "objects"}),
    "accounts.set_default": Method(CONTROL, {"account": "str", "for": "str"}, {"account": "str"}),
    "accounts.remove": Method(
        CONTROL,
        {"account": "str", "revoke": "bool?"},
        {"account": "str", "revoked": "object"},  # true | false | "unreachable"
    ),
    "accounts.verify": Method(
        CONTROL,
        {"account": "str"},
        {"verdict": "str", "message": "str?", "account": "object"},  # signed_in | signed_out
    ),
    "providers.list": Method(
        CONTROL,
        {},
        {"providers": "objects"},  # {id, name, dialects, variables: names, export_warning}
    ),
    "accounts.find": Method(
        CONTROL,
        {},
        {"found": "objects"},  # {id, provider, provider_name, source, server_url, label, ...}
    ),
    "accounts.import": Method(
        CONTROL,
        {"provider": "str", "found": "str?", "variables": "object?"},
        {"account": "object"},
    ),
    "accounts.set_export": Method(
        CONTROL,
        {"account": "str", "exported": "bool"},
        {"account": "object", "warning": "str"},
    ),
    "variables.read": Method(CONTROL, {"variables": "object"}, {"providers": "objects"}),
    "credentials.kinds": Method(CONTROL, {"account": "str"}, {"kinds": "objects"}),
    "credentials.list": Method(
        CONTROL, {"account": "str", "kind": "str"}, {"credentials": "objects"}
    ),
    "credentials.create": Method(
        CONTROL,
        {"account": "str", "kind": "str", "values": "object", "keep": "bool?"},
        {"credential": "object", "secret": "str?", "account": "object?"},
    ),
    "credentials.revoke": Method(
        CONTROL, {"account": "str", "kind": "str", "credential": "str"}, {"revoked": "bool"}
    ),
    "agent.status": Method(
        CONTROL,
        {},
        {
            "version": "str",
            "pid": "int",
            "started_at": "int",
            "consent": "str",
            "keychain": "str",  # available | locked | unavailable
            "vault": "str",  # system (the session's keychain) | file
            "vault_made": "bool",  # a file vault is made with its first passphrase
            "storage": "str",
            "accounts": "int",
            "attention": "int",
            "connections": "int",
            "agent_socket": "str",
            "control_socket": "str",
        },
    ),
    "agent.unlock": Method(CONTROL, {"passphrase": "str?", "make": "bool?"}, {"keychain": "str"}),
    "agent.change_passphrase": Method(
        CONTROL, {"passphrase": "str", "new_passphrase": "str"}, {"keychain": "str"}
    ),
    "agent.stop": Method(CONTROL, {}, {"stopping": "bool"}),
}

KINDS: Dict[str, int] = {
    # JSON-RPC's own codes where it has one, else the implementation range.
    "parse_error": -32700,
    "invalid_request": -32602,
    "unknown_method": -32601,
    "internal_error": -32603,
    "unsupported_protocol": -32001,
    "too_large": -32002,
    "too_many": -32003,
    "account_not_found": -32010,
    "choose_account": -32011,
    "sign_in_required": -32012,
    "sign_in_expired": -32013,
    "sign_in_denied": -32014,
    "identity_mismatch": -32015,
    "credentials_refused": -32018,
    "redirect_unavailable": -32016,
    "configuration_invalid": -32017,
    "consent_required": -32020,
    "consent_denied": -32021,
    "consent_timeout": -32022,
    "scope_not_granted": -32023,
    "keychain_locked": -32030,
    "keychain_unavailable": -32031,
    "storage_unavailable": -32032,
    "locked": -32033,
    "server_unreachable": -32040,
    "rate_limited": -32041,
    "provider_error": -32042,
    "timeout": -32050,
    "shutting_down": -32051,
}
