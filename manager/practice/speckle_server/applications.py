"""The applications that every Speckle server knows (speckle-server, defaultApps.ts)."""

from __future__ import annotations

from dataclasses import dataclass

DESKTOP_SCOPES = (
    "streams:read", "streams:write", "profile:read", "profile:email", "users:read",
    "users:invite", "workspace:read",
)  # fmt: skip
ALL_SCOPES = (
    *DESKTOP_SCOPES, "profile:write", "profile:delete", "users:email", "server:stats",
    "server:setup", "tokens:read", "tokens:write", "apps:read", "apps:write",
    "workspace:create", "workspace:update", "workspace:delete", "workspace:billing",
)  # fmt: skip
WEB_APPLICATION = "spklwebapp"


@dataclass(frozen=True, slots=True)
class Application:
    """`secret` equals `id` for the default ones: all are public clients."""

    id: str
    name: str
    redirect_url: str
    scopes: tuple[str, ...] = DESKTOP_SCOPES
    trust_by_default: bool = True
    secret: str = ""

    @property
    def expected_secret(self) -> str:
        return self.secret or self.id


def default_applications(origin: str) -> tuple[Application, ...]:
    return (
        Application(WEB_APPLICATION, "Speckle Web Manager", origin, ALL_SCOPES),
        Application("explorer", "Speckle Explorer", f"{origin}/explorer", ALL_SCOPES),
        Application("sdm", "Speckle Desktop Manager", "speckle://account"),
        Application("sca", "Speckle Connector", "http://localhost:29363"),
        Application("sdas", "Speckle Desktop Authentication Service", "http://localhost:29364"),
        Application(
            "connectrV3", "Desktop Connectors", "http://localhost:29355", trust_by_default=False
        ),
        Application(
            "sdui",
            "Speckle DUI",
            "https://dui.speckle.systems/authn/callback",
            trust_by_default=False,
        ),
        Application(
            "spklexcel", "Speckle Connector For Excel", "https://speckle-excel.netlify.app"
        ),
    )
