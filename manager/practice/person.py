"""A person without a browser: reads the practice servers' pages, fills them in, follows redirects.

Standard library only, so that the demo runs where there is no display and no browser.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

_STEPS = 12


class LostOnTheWay(Exception):
    """The pages led nowhere; the sentence says what was seen last."""


@dataclass(slots=True)
class Form:
    method: str = "get"
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Button id to its name and value."""


@dataclass(slots=True)
class _Page:
    status: int
    location: str
    text: str


class Person:
    """Somebody who signs in as `login`; keeps cookies, as a browser does, between visits."""

    def __init__(self, login: str = "alice", *, allow: bool = True) -> None:
        self._login = login
        self._allow = allow
        self._cookies: dict[tuple[str, int | None], dict[str, str]] = {}

    def visit(self, url: str) -> str:
        """Go from the authorization URL to the redirect URI, which is returned and not opened.

        The redirect URI is the first address away from the server: a private-use scheme, another
        host or another port. Raises LostOnTheWay when no page leads there, OSError when the server
        does not answer.
        """
        home = _origin(url)
        page = self._fetch("GET", url)
        for _ in range(_STEPS):
            if page.location:
                url = urljoin(url, page.location) if _relative(page.location) else page.location
                if _origin(url) != home:
                    return url
                page = self._fetch("GET", url)
                continue
            form = _first_form(page.text)
            if page.status >= 400 or form is None:
                raise LostOnTheWay(f"The server showed a page with status {page.status}.")
            url, page = self._submit(url, form)
        raise LostOnTheWay("The pages go round in circles.")

    def confirm(self, url: str) -> None:
        """Go through the server's pages to the last one, on which nothing is asked any more: the
        end of a code for another device (RFC 8628 section 3.3). Raises LostOnTheWay."""
        page = self._fetch("GET", url)
        for _ in range(_STEPS):
            form = _first_form(page.text)
            if page.location:
                url = urljoin(url, page.location)
                page = self._fetch("GET", url)
            elif page.status >= 400:
                raise LostOnTheWay(f"The server showed a page with status {page.status}.")
            elif form is None:
                return
            else:
                url, page = self._submit(url, form)
        raise LostOnTheWay("The pages go round in circles.")

    def read(self, url: str) -> str:
        """The text of one page, without going on."""
        return self._fetch("GET", url).text

    def _submit(self, url: str, form: Form) -> tuple[str, _Page]:
        values = dict(form.fields)
        for name in ("login", "email"):
            if name in values:
                values[name] = self._login
        if "password" in values:
            values["password"] = self._login  # any will do
        wanted = "allow" if self._allow else "deny"
        if wanted in form.buttons:
            name, value = form.buttons[wanted]
            values[name] = value
        target = urljoin(url, form.action or url)
        if form.method == "get":
            target = f"{target.partition('?')[0]}?{urlencode(values)}"
            return target, self._fetch("GET", target)
        return target, self._fetch("POST", target, values)

    def _fetch(self, method: str, url: str, form: dict[str, str] | None = None) -> _Page:
        parts = urlsplit(url)
        jar = self._cookies.setdefault((parts.hostname or "", parts.port), {})
        headers = {"Accept": "text/html"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for line in answer.headers.get_all("Set-Cookie") or []:
                jar.update({name: each.value for name, each in SimpleCookie(line).items()})
            refresh = _meta_refresh(text)
            return _Page(answer.status, answer.headers.get("Location") or refresh, text)
        except http.client.HTTPException as broken:
            raise LostOnTheWay(
                f"The server's answer broke off ({type(broken).__name__})."
            ) from None
        finally:
            connection.close()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.refresh = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("method", "get").lower(), values.get("action", "")))
        elif tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.refresh = values.get("content", "").partition("url=")[2]
        elif tag == "input" and self.forms and "name" in values:
            self.forms[-1].fields[values["name"]] = values.get("value", "")
        elif tag == "button" and self.forms and "name" in values:
            named = values["name"], values.get("value", "")
            self.forms[-1].buttons[values.get("id", "")] = named


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    return reader


def _first_form(text: str) -> Form | None:
    forms = _read(text).forms
    return forms[0] if forms else None


def _meta_refresh(text: str) -> str:
    return _read(text).refresh


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _relative(location: str) -> bool:
    return not urlsplit(location).scheme
