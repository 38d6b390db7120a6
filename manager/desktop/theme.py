"""The one place that names colours, spaces, sizes and radii. Values only; no Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, as `#RRGGBB` or `rgba(r, g, b, a)`."""

    dark: bool
    window: str
    sidebar: str
    surface: str
    raised: str
    field: str
    hover: str
    pressed: str
    selected: str
    border: str
    field_border: str
    control_border: str
    search: str
    scroll: str
    scrim: str
    shadow: str
    text: str
    secondary: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_text: str
    accent_soft: str
    accent_ring: str
    positive: str
    positive_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str
    danger_fill: str
    neutral_soft: str
    avatars: tuple[tuple[str, str], ...]
    """Fill and letters, one pair a person."""


LIGHT = Theme(
    dark=False,
    window="#F7F8FA",
    sidebar="#EEF0F4",
    surface="#FFFFFF",
    raised="#FFFFFF",
    field="#FFFFFF",
    hover="#E6E8EE",
    pressed="#DADDE6",
    selected="#DDE5FD",
    border="#E4E6EC",
    field_border="#868D9C",
    control_border="#D5D8E0",
    search="#FFFFFF",
    scroll="#C6CAD4",
    scrim="rgba(18, 21, 33, 0.38)",
    shadow="rgba(18, 21, 33, 0.20)",
    text="#15171E",
    secondary="#565C6B",
    accent="#3155E0",
    accent_hover="#2848C6",
    accent_pressed="#203CAB",
    on_accent="#FFFFFF",
    accent_text="#2747C4",
    accent_soft="#E7ECFE",
    accent_ring="#B4C3FF",
    positive="#0B6B40",
    positive_soft="#DDF3E6",
    warning="#854A00",
    warning_soft="#FDF0D6",
    danger="#B3202C",
    danger_soft="#FCE6E7",
    danger_fill="#C22733",
    neutral_soft="#ECEEF3",
    avatars=(
        ("#DCE4FF", "#2A44B0"),
        ("#D6F0E2", "#0F5F3C"),
        ("#FBE3D2", "#8A3D0B"),
        ("#EBDFFC", "#5B2BA6"),
        ("#D3EEF4", "#0B5868"),
        ("#FBDDE7", "#95204F"),
        ("#F4ECC6", "#665008"),
        ("#E2E6EE", "#3C4558"),
    ),
)

DARK = Theme(
    dark=True,
    window="#1A1C21",
    sidebar="#141519",
    surface="#212429",
    raised="#24272E",
    field="#1A1C21",
    hover="#2A2D35",
    pressed="#343842",
    selected="#2A3350",
    border="#30343D",
    field_border="#767E8E",
    control_border="#3D424D",
    search="#1D1F24",
    scroll="#41464F",
    scrim="rgba(0, 0, 0, 0.55)",
    shadow="rgba(0, 0, 0, 0.55)",
    text="#EDEFF4",
    secondary="#A6ADBB",
    accent="#4265EB",
    accent_hover="#3A5ADA",
    accent_pressed="#324EC4",
    on_accent="#FFFFFF",
    accent_text="#9DB2FF",
    accent_soft="#28314F",
    accent_ring="#DCE4FF",
    positive="#66D69B",
    positive_soft="#1C3529",
    warning="#F2B95C",
    warning_soft="#3B2E17",
    danger="#FF9299",
    danger_soft="#40232A",
    danger_fill="#C8333F",
    neutral_soft="#2C3038",
    avatars=(
        ("#2C3863", "#BFCDFF"),
        ("#1D4331", "#9BE6BE"),
        ("#4D301D", "#FFC59E"),
        ("#3D2D5C", "#D8C1FF"),
        ("#1A414B", "#9DE2F0"),
        ("#4F2438", "#FFB4CF"),
        ("#443A16", "#F0DA8B"),
        ("#343B49", "#C9D2E3"),
    ),
)


@dataclass(frozen=True, slots=True)
class Space:
    """Distances in device-independent pixels, a 4-pixel grid."""

    hair: int = 2
    tight: int = 4
    small: int = 8
    medium: int = 12
    large: int = 16
    wide: int = 24
    page: int = 32


@dataclass(frozen=True, slots=True)
class Radius:
    field: int = 8
    card: int = 12
    sheet: int = 16
    chip: int = 6


@dataclass(frozen=True, slots=True)
class TypeScale:
    """Sizes in pixels at the common text size of 13; the system's own text size scales them."""

    caption: int = 11
    small: int = 12
    body: int = 13
    heading: int = 15
    title: int = 22
    display: int = 26


SPACE = Space()
RADIUS = Radius()
TYPE = TypeScale()


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB` (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2)."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
