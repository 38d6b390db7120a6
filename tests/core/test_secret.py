from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from manager.core.secret import Secret, fingerprint

CANARY = "canary-4711"


@pytest.mark.parametrize("show", [repr, str, format, lambda s: f"{s!r:>30}", lambda s: "%s" % s])  # noqa: UP031
def test_no_way_of_printing_shows_the_text(show: object) -> None:
    assert CANARY not in show(Secret(CANARY))  # type: ignore[operator]


def test_it_is_not_pickled_nor_copied_by_it() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(CANARY))


def test_a_traceback_with_locals_does_not_hold_it() -> None:
    held = Secret(CANARY)
    try:
        raise ValueError(held)
    except ValueError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        del held
    assert CANARY not in "".join(line for line in shown.format() if "CANARY =" not in line)


def test_equality_and_truth() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("\ud800") == Secret("\ud800")
    assert not Secret("")
    with pytest.raises(TypeError):
        hash(Secret("a"))


def test_reveal_is_the_way_to_it() -> None:
    assert Secret(CANARY).reveal() == CANARY


def test_a_fingerprint_tells_keys_apart_and_is_no_key() -> None:
    first, second = fingerprint(Secret(CANARY)), fingerprint(Secret(CANARY + "x"))
    assert first == fingerprint(Secret(CANARY)) != second
    assert len(first) == 12
    assert CANARY not in first
