"""The desktop apps that every Speckle server knows by itself (server 2.31, defaultApps.ts)."""

from __future__ import annotations

from dataclasses import dataclass

from manager.core.credential import ClientRegistration
from manager.core.provider import LoopbackRedirect, Redirection, RedirectMethod, SchemeRedirect
from manager.core.secret import Secret


@dataclass(frozen=True, slots=True)
class DesktopApp:
    """`id` is also the app's secret: these clients are public."""

    id: str
    redirect_method: RedirectMethod
    redirection: Redirection

    @property
    def client(self) -> ClientRegistration:
        return ClientRegistration(self.id, Secret(self.id))


MANAGER = DesktopApp("sdm", RedirectMethod.SCHEME, SchemeRedirect("speckle://account"))
CONNECTOR = DesktopApp(
    "sca",
    RedirectMethod.LOOPBACK,
    LoopbackRedirect("http://localhost:29363", port=29363, dual_stack=True),
)
DESKTOP_APPS = (MANAGER, CONNECTOR)


def app_for_method(method: RedirectMethod) -> DesktopApp:
    """Pasting back needs an address that the browser's address bar shows: the loopback one."""
    return MANAGER if method is RedirectMethod.SCHEME else CONNECTOR


def app_for_redirect(redirect_uri: str) -> DesktopApp | None:
    for app in DESKTOP_APPS:
        if app.redirection.uri == redirect_uri:
            return app
    return None
