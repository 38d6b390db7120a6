"""The scripted person finds the way, or says that there is none."""

from __future__ import annotations

import socket

import pytest

from manager.practice.http_message import HttpRequest, html_reply, redirect_reply
from manager.practice.http_service import HttpService
from manager.practice.person import LostOnTheWay, Person


@pytest.fixture
def serving():
    services = []

    def serve(answer) -> str:
        services.append(HttpService(answer))
        services[-1].start()
        return f"http://127.0.0.1:{services[-1].port}"

    yield serve
    for each in services:
        each.stop()


def test_pages_in_circles(serving):
    url = serving(lambda request: redirect_reply("/again"))
    with pytest.raises(LostOnTheWay, match="circles"):
        Person().visit(f"{url}/start")


def test_a_page_without_a_way_on(serving):
    url = serving(lambda request: html_reply("<p>The end</p>"))
    with pytest.raises(LostOnTheWay, match="200"):
        Person().visit(url)


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        Person().visit(f"http://127.0.0.1:{port}/")


def test_cookies_return_to_their_server_only(serving):
    seen: list[str] = []

    def answer(request: HttpRequest):
        seen.append(request.headers.get("cookie", ""))
        return html_reply("<p>Hello</p>", 200, ("Set-Cookie", "taste=sweet; Path=/; HttpOnly"))

    person, here, there = Person(), serving(answer), serving(answer)
    for url in (here, here, there):
        person.read(url)
    assert seen == ["", "taste=sweet", ""]


def test_a_failing_handler_is_a_500_and_told_at_the_end():
    def fail(_: HttpRequest):
        raise RuntimeError("a mistake")

    service = HttpService(fail)
    service.start()
    with pytest.raises(LostOnTheWay, match="500"):
        Person().visit(f"http://127.0.0.1:{service.port}/")
    with pytest.raises(ExceptionGroup) as told:
        service.stop()
    assert str(told.value.exceptions[0]) == "a mistake"


def test_confirming_ends_on_the_last_page(serving):
    seen = []

    def pages(request: HttpRequest):
        seen.append(request.path)
        return html_reply("<p>The end</p>") if request.path == "/end" else redirect_reply("/end")

    url = serving(pages)
    Person().confirm(f"{url}/start")
    assert seen == ["/start", "/end"]
    circles = serving(lambda request: redirect_reply("/again"))
    with pytest.raises(LostOnTheWay, match="circles"):
        Person().confirm(circles)
    nothing = serving(lambda request: html_reply("<p>no</p>", 404))
    with pytest.raises(LostOnTheWay, match="404"):
        Person().confirm(nothing)
