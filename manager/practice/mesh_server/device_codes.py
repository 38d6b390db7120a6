"""Device codes in Auth0's words (RFC 8628)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from manager.practice.authorization_server.device_authorization import new_user_code


@dataclass(slots=True)
class DeviceCode:
    """`login`: who has confirmed it, empty while nobody has."""

    client_id: str
    scope: str
    audience: str
    expires_at: float
    interval: float
    user_code: str = field(default_factory=new_user_code)
    code: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    polled_at: float = float("-inf")
    login: str = ""
    denied: bool = False


class DeviceCodes:
    def __init__(self) -> None:
        self._codes: dict[str, DeviceCode] = {}

    def add(self, device: DeviceCode) -> None:
        self._codes[device.code] = device

    def shown(self, user_code: str, now: float) -> DeviceCode | None:
        """The one that shows this code and waits for somebody."""
        for device in self._codes.values():
            waits = not device.login and not device.denied and now < device.expires_at
            if waits and device.user_code == user_code.strip().upper():
                return device
        return None

    def poll(self, code: str, client_id: str, now: float) -> DeviceCode | tuple[str, str]:
        """A confirmed one, used up by this, or an error code and its description."""
        device = self._codes.get(code)
        if device is None or device.client_id != client_id:
            return "invalid_grant", "Unknown or invalid device code."
        if now >= device.expires_at:
            return "expired_token", "The device code has expired."
        if device.denied:
            return "access_denied", "The end-user denied the authorization request."
        too_soon, device.polled_at = now - device.polled_at < device.interval, now
        if device.login:
            return self._codes.pop(code)
        if too_soon:
            device.interval += 5
            return "slow_down", "You are polling faster than the specified interval."
        return "authorization_pending", "User has yet to authorize device code."
