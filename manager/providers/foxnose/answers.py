"""What FoxNose's answers mean: `{"message", "error_code", "detail"}` beside a status; pure, and
never quoting a body whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    ProviderError,
    ScopeNotGranted,
)
from manager.core.secret import Secret
from manager.oauth.json_object import json_object
from manager.oauth.server_text import shown, shown_error_code
from manager.oauth.token_text import usable_token
from manager.providers.http_answer import HttpAnswer
from manager.providers.no_verdict import no_verdict as nothing_said
from manager.providers.no_verdict import trouble_of

_UNAUTHENTICATED = frozenset({"authentication_failed", "authentication_required"})


@dataclass(frozen=True, slots=True)
class Pair:
    access: Secret
    refresh: Secret | None


def pair(answer: HttpAnswer) -> Pair | None:
    """`{"access", "refresh"}`; None if it is not that."""
    document = json_object(answer.body) if answer.status in (200, 201) else None
    if document is None:
        return None
    access = usable_token(document.get("access"))
    return None if access is None else Pair(access, usable_token(document.get("refresh")))


def is_json(answer: HttpAnswer) -> bool:
    """Whether a 200 came from an API at all, and not from a page in between."""
    return answer.headers.get("content-type", "").startswith("application/json")


def error_code(answer: HttpAnswer) -> str:
    """The documented envelope's code; empty for anything that is not the envelope."""
    document = json_object(answer.body) if answer.status >= 400 else None
    if document is None or not {"message", "error_code"} <= document.keys():
        return ""
    code = document["error_code"]
    return shown_error_code(code) if isinstance(document["message"], str) else ""


def is_foxnose(answer: HttpAnswer) -> bool:
    """Whether an unauthenticated request was refused exactly as documented: status, envelope with
    its three members and no other, and the code."""
    document = json_object(answer.body) if answer.status == 401 else None
    return (
        document is not None
        and document.keys() == {"message", "error_code", "detail"}
        and isinstance(document["message"], str)
        and document["error_code"] in _UNAUTHENTICATED
    )


def is_refusal(answer: HttpAnswer) -> bool:
    """401 with the envelope: the server itself does not accept the credential. A 401 without it is
    somebody between us and the server."""
    return answer.status == 401 and error_code(answer) != ""


def is_elsewhere(answer: HttpAnswer) -> bool:
    """Nothing stands at that path, or it does not take that method."""
    return answer.status in (404, 405) or error_code(answer) == "trailing_slash_required"


def message(answer: HttpAnswer) -> str:
    document = json_object(answer.body) or {}
    return shown(document.get("message"))


def detail(answer: HttpAnswer) -> Mapping[str, Any]:
    found = (json_object(answer.body) or {}).get("detail")
    return found if isinstance(found, dict) else {}


def no_verdict(answer: HttpAnswer, wall: float) -> AccountManagerError:
    """The error for an answer that decides nothing about the account. `wall`: unix seconds now."""
    code = error_code(answer)
    if not code or trouble_of(answer, wall) is not None:
        return nothing_said(answer, wall, "FoxNose", own_words=False)
    host = urlsplit(answer.url).hostname
    return _said(answer.status, code, message(answer) or f"{host} refused the request")


def _said(status: int, code: str, text: str) -> AccountManagerError:
    sentence = text if text.endswith((".", "!", "?", "…")) else text + "."
    if code == "permission_denied":
        return ScopeNotGranted(
            sentence, hint="Ask for a role that allows it, in FoxNose's own dashboard."
        )
    if status == 402 or code == "plan_limit_exceeded":
        return ProviderError(sentence, hint="Look at the plan in FoxNose's own dashboard.")
    if status in (404, 409, 422):
        return InvalidRequest(sentence, hint=f"FoxNose says: {code}.")
    return ProviderError(sentence, hint=f"FoxNose says: {code}.")
