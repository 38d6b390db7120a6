"""Real Chromium as the person's default browser, which a test drives as the person would."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.real_parts.desktop_entry import install_program
from tests.real_parts.display import Display
from tests.real_parts.waiting import until

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",  # it refuses to start as root otherwise; it opens our own pages alone
    "--test-type",  # no bar that complains of the flag above
    "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disable-gpu",
    "--disable-sync",
    "--lang=en-US",
    "--metrics-recording-only",
    "--password-store=basic",
]

Answer = TypeVar("Answer")


def installed_browser() -> str:
    """The browser that packaging/setup.sh found or installed."""
    found = subprocess.run(
        ["sh", "-c", ". packaging/test_parts.sh; test_browser"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, "Chromium is missing: run sh packaging/setup.sh test"
    return found.stdout.strip()


class Chromium:
    """Started by the first link that anybody in the session opens (xdg-open); methods may be called
    from any thread, and from asynchronous tests through a thread: they wait.
    """

    def __init__(self, display: Display) -> None:
        self.session = display.session
        self.profile = self.session.home / "chromium"
        (self.profile / "Default").mkdir(parents=True)
        self._allowed: dict[str, dict[str, bool]] = {}
        command = shlex.join([installed_browser(), *FLAGS, f"--user-data-dir={self.profile}"])
        install_program(
            self.session, "chromium-for-tests", f'exec {command} "$@"', ["http", "https"]
        )
        # Playwright belongs to the thread that started it, and to none with an asyncio loop.
        self._thread = ThreadPoolExecutor(1, "chromium")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def always_allow(self, origin: str, scheme: str) -> None:
        """As if the person had ticked "Always allow" when this origin first opened the scheme.

        To be called before the browser starts.
        """
        self._allowed.setdefault(origin, {})[scheme] = True
        handlers = {"protocol_handler": {"allowed_origin_protocol_pairs": self._allowed}}
        (self.profile / "Default" / "Preferences").write_text(json.dumps(handlers))

    def sign_in_at_openid_provider(self, login: str, password: str = "any") -> None:
        """Fill the login form that is open, and agree to what the program asks for."""

        def fill() -> None:
            page = self._wait_for_page(lambda page: page.locator("input[name=login]").count() > 0)
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", password)
            page.get_by_role("button", name="Sign-in").click()
            # Not waited for: a page whose last step is a link to a program stays as it is.
            page.get_by_role("button", name="Continue").click(no_wait_after=True)

        self.drive(fill)

    def fill_in(self, button: str, **fields: str) -> None:
        """Fill the form that has these fields (by their names), and press its button."""

        def fill() -> None:
            first = next(iter(fields))
            page = self._wait_for_page(
                lambda page: page.locator(f"input[name={first}]").count() > 0
            )
            for name, text in fields.items():
                page.fill(f"input[name={name}]", text)
            page.get_by_role("button", name=button, exact=True).click(no_wait_after=True)

        self.drive(fill)

    def press(self, button: str) -> None:
        """Press the button with this name, on whichever page has it."""
        self.drive(
            lambda: (
                self._wait_for_page(
                    lambda page: page.get_by_role("button", name=button).count() > 0
                )
                .get_by_role("button", name=button)
                .click(no_wait_after=True)
            )
        )

    def wait_for_text(self, text: str) -> str:
        """The address of the page that shows this text."""
        return self.drive(
            lambda: self._wait_for_page(lambda page: text in page.inner_text("body")).url
        )

    def drive(self, work: Callable[[], Answer]) -> Answer:
        """Run `work` on Playwright's thread; within it, `browser` may be used."""
        return self._thread.submit(work).result(60)

    @property
    def browser(self) -> Browser:
        """The running browser, once somebody opened a link. Only within `drive`."""
        if self._browser is None:
            active = self.profile / "DevToolsActivePort"
            until(lambda: active.exists() and active.read_text(), "running browser", 30)
            port = active.read_text().splitlines()[0]
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        return self._browser

    def close(self) -> None:
        def stop() -> None:
            if self._browser is not None:
                # As its own menu would: it ends more quickly than by a signal.
                self._browser.new_browser_cdp_session().send("Browser.close")
            if self._playwright is not None:
                self._playwright.stop()

        self.drive(stop)
        self._thread.shutdown()

    def _wait_for_page(self, suits: Callable[[Page], bool]) -> Page:
        def find() -> list[Page]:
            return [page for page in self.browser.contexts[0].pages if suits(page)]

        return until(find, "page that suits", 20)[0]
