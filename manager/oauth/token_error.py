"""When is a token endpoint's no the last word on a refresh token? (RFC 6749 section 5.2)

| the answer | what it means |
|---|---|
| JSON object, string `error`, in FINAL, status 200 or 4xx | the refresh token is done with; only the person can go on |
| the same with `temporarily_unavailable`, `server_error`, `slow_down`, or any 5xx, 408, 429 | nothing about the token: try later |
| the same with a code that no document names | the server broke its protocol; nothing is given up |
| HTML, a redirect, an empty body, JSON without `error` | not the token endpoint speaking (captive portal, proxy) |

FINAL holds all six codes of section 5.2. `invalid_client`, `unauthorized_client` and
`unsupported_grant_type` condemn the client rather than the token, and `invalid_request` the
request, but the same request is refused for ever: going on would be the loop that RFC 9700
section 4.14 forbids, and a new sign-in is what replaces all of its parts. Status 200 counts
because GitHub answers so, 403 because Auth0 and Atlassian do.
"""  # noqa: E501  # a table

from __future__ import annotations

from dataclasses import dataclass

from .json_object import json_object
from .server_text import shown_error_code

FINAL = frozenset(
    {
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
        "unsupported_grant_type", "invalid_scope",
        "invalid_target",  # RFC 8707 section 2
        # OpenID Connect Core section 3.1.2.6, sent by Microsoft's token endpoint as well
        "interaction_required", "login_required", "consent_required", "account_selection_required",
        "bad_refresh_token", "incorrect_client_credentials",  # GitHub's names
    }
)  # fmt: skip
TEMPORARY = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_NEVER_A_VERDICT = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class TokenError:
    """A JSON OAuth error. `code` as the server sent it; `shown` is fit for a sentence."""

    code: str
    shown: str

    @property
    def is_final(self) -> bool:
        return self.code in FINAL

    @property
    def is_temporary(self) -> bool:
        return self.code in TEMPORARY


def token_error(status: int, body: bytes) -> TokenError | None:
    """The OAuth error in a token endpoint's answer, None where it does not speak as one."""
    if not (status == 200 or 400 <= status < 500) or status in _NEVER_A_VERDICT:
        return None
    document = json_object(body)
    if document is None or "access_token" in document:
        return None
    code = document.get("error")
    if not isinstance(code, str) or not code:
        return None
    return TokenError(code, shown_error_code(code))
