from __future__ import annotations

import pytest

from manager.cli.sign_in_choice import SignInChoice, chosen_way
from manager.system.headless import Surroundings

HEADLESS = Surroundings(headless=True, why="you are connected over SSH")
AT_A_SCREEN = Surroundings(headless=False, why="there is a display")
NOTHING = SignInChoice(None, None, opens_browser=True)
PASTE = ["loopback", "paste"]


@pytest.mark.parametrize("offered", [["browser", "device"], ["device"], ["form"], []])
def test_at_a_screen_the_server_s_best_is_taken(offered: list[str]) -> None:
    assert chosen_way(offered, PASTE, NOTHING, AT_A_SCREEN) == NOTHING


@pytest.mark.parametrize(
    "offered", [["browser", "device"], ["device", "browser"], ["device"], ["form", "device"]]
)
def test_a_code_where_there_is_one(offered: list[str]) -> None:
    way = chosen_way(offered, PASTE, NOTHING, HEADLESS)
    assert (way.method, way.redirect, way.opens_browser) == ("device", None, False)
    assert "\n" not in way.why
    assert "over SSH" in way.why
    assert "ACCOUNT_MANAGER_HEADLESS=0" in way.why
    for other in offered:
        assert (f"--method {other}" in way.why) is (other != "device")


@pytest.mark.parametrize("offered", [["form"], ["form", "browser"], []])
def test_a_form_where_it_is_the_server_s_best(offered: list[str]) -> None:
    assert chosen_way(offered, PASTE, NOTHING, HEADLESS) == NOTHING


def test_else_the_link_whose_answer_is_pasted() -> None:
    way = chosen_way(["browser", "form"], PASTE, NOTHING, HEADLESS)
    assert (way.method, way.redirect, way.opens_browser) == ("browser", "paste", False)
    assert "paste" in way.why
    assert "--method form" in way.why
    assert chosen_way(["browser"], ["scheme"], NOTHING, HEADLESS).redirect is None


@pytest.mark.parametrize(
    "asked",
    [
        SignInChoice("browser", None, opens_browser=True),
        SignInChoice("form", None, opens_browser=True),
        SignInChoice(None, "loopback", opens_browser=True),
        SignInChoice(None, None, opens_browser=False),
    ],
)
def test_what_the_person_asked_for_stays(asked: SignInChoice) -> None:
    assert chosen_way(["browser", "device"], PASTE, asked, HEADLESS) == asked
