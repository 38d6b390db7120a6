"""What a Speckle server's answers mean; pure, and never quoting them."""

from __future__ import annotations

from dataclasses import dataclass

from manager.core.secret import Secret
from manager.oauth.json_object import json_object
from manager.oauth.token_text import usable_token
from manager.providers.http_answer import HttpAnswer

KIND = "a Speckle server"


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: Secret
    refresh_token: Secret | None


def token_pair(answer: HttpAnswer) -> TokenPair | None:
    """`{"token", "refreshToken"}` of POST /auth/token and /oauth/token; None if it is not that."""
    document = json_object(answer.body) if answer.status == 200 else None
    if document is None:
        return None
    token = usable_token(document.get("token"))
    return None if token is None else TokenPair(token, usable_token(document.get("refreshToken")))


def is_refusal(answer: HttpAnswer) -> bool:
    """401 `{"err": "..."}`: how /auth/token says no to everything, whatever the reason."""
    document = json_object(answer.body) if answer.status == 401 else None
    return document is not None and isinstance(document.get("err"), str)


def is_invalid_token(answer: HttpAnswer) -> bool:
    """403 `{"error": "Your token is not valid."}`, before any route runs."""
    document = json_object(answer.body) if answer.status == 403 else None
    return document is not None and document.get("error") == "Your token is not valid."


def is_logged_out(answer: HttpAnswer) -> bool:
    """Whether nothing of the pair is left: logged out now, or the token was gone before."""
    if answer.status == 200:
        return isinstance((json_object(answer.body) or {}).get("message"), str)
    return answer.status == 400 and b"trying to logout" in answer.body
