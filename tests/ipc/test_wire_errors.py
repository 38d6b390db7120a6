from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from manager.client.protocol.messages import KINDS
from manager.core import errors
from manager.ipc.wire_errors import kind_of, wire_error


def concrete() -> Iterator[type[errors.AccountManagerError]]:
    for _, cls in inspect.getmembers(errors, inspect.isclass):
        branches = cls.__mro__[1:3]
        if (
            errors.AccountManagerError in cls.__mro__
            and len(branches) > 1
            and cls.__subclasses__() == []
        ):
            yield cls


@pytest.mark.parametrize("cls", list(concrete()), ids=lambda cls: cls.__name__)
def test_every_error_has_a_kind_of_the_wire(cls: type[errors.AccountManagerError]) -> None:
    told = wire_error(cls("A sentence."))
    assert told["code"] == KINDS[told["data"]["kind"]]
    assert told["data"]["kind"] not in {"internal_error", "configuration_invalid"}
    assert told["message"] == "A sentence."


def test_a_subclass_is_its_nearest_named_ancestor() -> None:
    assert kind_of(errors.AnswerLost("x")) == "server_unreachable"


def test_whatever_else_a_person_can_mend_is_configuration() -> None:
    class FolderTaken(errors.PersonCanAct):
        pass

    assert kind_of(FolderTaken("x")) == "configuration_invalid"


def test_pause_and_choices_travel() -> None:
    told = wire_error(errors.RateLimited("x", retry_after=1.5, choices=[{"account": "1"}]))
    assert told["data"]["retry_after"] == 1.5
    assert told["data"]["choices"] == [{"account": "1"}]
