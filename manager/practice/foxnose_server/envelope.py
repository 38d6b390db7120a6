"""How FoxNose says no: `{"message", "error_code", "detail"}` with a status."""

from __future__ import annotations

from manager.practice.http_message import HttpReply, json_reply

_ERRORS = {
    "authentication_failed": (401, "Authentication credentials are missing or invalid."),
    "authentication_required": (401, "Authentication is required to access this API."),
    "permission_denied": (403, "You do not have permission to perform this action."),
    "plan_limit_exceeded": (403, "The limit of your plan has been reached."),
    "collection_not_writable": (403, "The collection cannot be written to."),
    "spend_cap_reached": (402, "The spend cap has been reached."),
    "plan_exhausted": (402, "The plan is exhausted."),
    "not_found": (404, "Not found."),
    "external_id_conflict": (409, "The external id exists already."),
    "validation_error": (422, "The request holds invalid values."),
    "content_validation_failed": (422, "The content is invalid."),
    "data_validation_error": (422, "The data is invalid."),
    "trailing_slash_required": (422, "The path must end with a slash."),
    "rate_limit_exceeded": (429, "Too many requests."),
    "upstream_error": (502, "An upstream service failed."),
}


def envelope(code: str, message: str = "", detail: object = None) -> dict[str, object]:
    return {"message": message or _ERRORS[code][1], "error_code": code, "detail": detail}


def refusal(code: str, message: str = "", detail: object = None) -> HttpReply:
    """One of the documented codes with its status. Raises KeyError for any other."""
    return json_reply(envelope(code, message, detail), _ERRORS[code][0])
