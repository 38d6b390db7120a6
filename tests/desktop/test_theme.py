"""Text can be read in both themes: 4.5:1 (WCAG 2.2, 1.4.3); edges of controls 3:1 (1.4.11)."""

from __future__ import annotations

import pytest

from manager.desktop.theme import DARK, LIGHT, Theme, contrast

BACKGROUNDS = ("window", "sidebar", "surface", "raised", "field", "hover", "selected")
TEXTS = ("text", "secondary")
PAIRS = [
    *((text, ground) for text in TEXTS for ground in BACKGROUNDS),
    ("text", "pressed"),
    ("text", "neutral_soft"),
    ("secondary", "neutral_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent", "accent_pressed"),
    ("on_accent", "danger_fill"),
    *((tone, f"{tone}_soft") for tone in ("positive", "warning", "danger")),
    *(("text", f"{tone}_soft") for tone in ("positive", "warning", "danger", "accent")),
    *(("secondary", f"{tone}_soft") for tone in ("warning", "danger", "accent")),
    *((tone, ground) for tone in ("warning", "danger", "accent_text") for ground in BACKGROUNDS),
    *(("positive", ground) for ground in ("window", "sidebar", "surface", "selected")),
    ("accent_text", "accent_soft"),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(theme: Theme, text: str, ground: str) -> None:
    ratio = contrast(getattr(theme, text), getattr(theme, ground))
    assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_initials_stand_out(theme: Theme) -> None:
    assert all(contrast(fill, letters) >= 4.5 for fill, letters in theme.avatars)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("edge", "ground"),
    [
        ("field_border", "field"),
        ("field_border", "raised"),
        ("accent", "surface"),
        ("accent_ring", "accent"),
    ],
)
def test_edges_of_controls_stand_out(theme: Theme, edge: str, ground: str) -> None:
    assert contrast(getattr(theme, edge), getattr(theme, ground)) >= 3


def test_the_ratio_is_wcags() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
