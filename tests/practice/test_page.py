"""The pages' frame: text is text, and the accent is a colour."""

from __future__ import annotations

import re

from manager.practice.page import hidden, page, problem_note
from manager.practice.people import PEOPLE, picture


def test_title_and_brand_are_text():
    made = page("<b>", "A & B", "#123456", "<p>content</p>")
    assert "&lt;b&gt; - A &amp; B" in made
    assert "<p>content</p>" in made
    assert re.search(r"--accent: #123456;", made)


def test_fields_and_problems_are_text():
    assert '"><' not in hidden({"name": '"><script>'})
    assert "<script>" not in problem_note("<script>")
    assert problem_note("") == ""


def test_pictures_are_png_of_96_pixels():
    for person in PEOPLE.values():
        image = picture(person.colour)
        assert image.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(image[16:20], "big") == int.from_bytes(image[20:24], "big") == 96
