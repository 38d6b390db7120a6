"""Devices that wait for a person with a browser (RFC 8628)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from oauthlib.common import Request

USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 section 6.1: no vowels, no words
# What oauthlib's DeviceCodeGrant expects of `validate_device_code`; all but the first are the
# error codes of RFC 8628 section 3.5.
AUTHORIZED = "authorized"
PENDING = "authorization_pending"
SLOW_DOWN = "slow_down"
EXPIRED = "expired_token"
DENIED = "access_denied"
LIFETIME = 600
INTERVAL = 5


@dataclass(slots=True)
class DeviceAuthorization:
    device_code: str = field(repr=False)
    user_code: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: float
    interval: float = INTERVAL
    polled_at: float = float("-inf")
    login: str = ""
    denied: bool = False
    used: bool = False


class DeviceAuthorizations:
    """Pending device authorizations, by device code and by user code."""

    def __init__(self) -> None:
        self.pending: dict[str, DeviceAuthorization] = {}

    def add(self, device: DeviceAuthorization) -> None:
        self.pending[device.device_code] = device

    def for_user_code(self, typed: str, now: float) -> DeviceAuthorization | None:
        """The device that shows this code; case and punctuation do not matter."""
        wanted = "".join(letter for letter in typed.upper() if letter in USER_CODE_LETTERS)
        for device in self.pending.values():
            open_still = not device.login and not device.denied and now < device.expires_at
            if open_still and device.user_code.replace("-", "") == wanted:
                return device
        return None

    def poll(self, client_id: str, code: str, request: Request, now: float) -> str | None:
        """The state of a device code in RFC 8628's words; None: there is no such code."""
        device = self.pending.get(code)
        if device is None or device.client_id != client_id or device.used:
            return None
        too_soon = now - device.polled_at < device.interval
        device.polled_at = now
        if now >= device.expires_at:
            return EXPIRED
        if device.denied:
            return DENIED
        if not device.login:
            if too_soon:
                device.interval += 5
                return SLOW_DOWN
            return PENDING
        device.used = True
        request.user = device.login
        request.scopes = list(device.scopes)
        return AUTHORIZED


def new_user_code() -> str:
    letters = [secrets.choice(USER_CODE_LETTERS) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
