"""Whose code runs in the agent: ours, and what the person named."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest

from manager.agent.provider_loading import OURS, installed, load_providers
from manager.providers.context import ProviderContext


class Loaded:
    """An entry point as the system gives it; `loaded` says whether its code was run."""

    def __init__(self, name: str, factory: object, owner: str | None) -> None:
        self.name = name
        self.dist = None if owner is None else SimpleNamespace(name=owner)
        self.loaded = False
        self._factory = factory

    def load(self) -> object:
        self.loaded = True
        if isinstance(self._factory, Exception):
            raise self._factory
        return self._factory


def made(provider_id: str, *, is_generic: bool = False) -> Any:
    return lambda context: SimpleNamespace(id=provider_id, by=context, is_generic=is_generic)


def loading(*found: Loaded, allowed: tuple[str, ...] = ()) -> list[Any]:
    entries: Any = found
    context: Any = lambda name: f"context of {name}"  # noqa: E731
    return load_providers(context, allowed, entries)


def ids(providers: list[Any]) -> list[str]:
    return [provider.id for provider in providers]


def test_ours_come_by_the_same_door() -> None:
    ours = {each.name for each in installed() if each.dist and each.dist.name == OURS}
    assert {"oidc", "speckle"} <= ours
    assert all(isinstance(each, EntryPoint) for each in installed())


def test_the_generic_one_is_asked_last() -> None:
    a, b = Loaded("a", made("a", is_generic=True), OURS), Loaded("b", made("b"), OURS)
    providers = loading(a, b)
    assert ids(providers) == ["b", "a"]
    assert providers[0].by == "context of b"


def test_a_foreign_one_is_not_even_imported_unless_it_is_named() -> None:
    foreign = Loaded("theirs", made("theirs"), "somebody")
    assert loading(foreign) == []
    assert not foreign.loaded
    assert ids(loading(foreign, allowed=("theirs",))) == ["theirs"]


@pytest.mark.parametrize("owner", ["somebody", None])
def test_nobody_takes_the_id_of_one_of_ours(owner: str | None) -> None:
    ours, squatter = Loaded("speckle", made("speckle"), OURS), Loaded("speckle", made("x"), owner)
    for order in ((ours, squatter), (squatter, ours)):
        assert ids(loading(*order, allowed=("speckle",))) == ["speckle"]
    assert not squatter.loaded


def test_one_that_calls_itself_otherwise_is_left_out() -> None:
    ours, liar = Loaded("speckle", made("speckle"), OURS), Loaded("nice", made("speckle"), "x")
    assert len(loading(ours, liar, allowed=("nice",))) == 1


@pytest.mark.parametrize("broken", [ImportError("gone"), RuntimeError("s3cret"), None])
def test_a_broken_foreign_one_harms_nobody(
    broken: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(context: ProviderContext) -> object:
        raise KeyError("s3cret")

    ours, theirs = Loaded("ours", made("ours"), OURS), Loaded("theirs", broken or fails, "x")
    assert ids(loading(ours, theirs, allowed=("theirs",))) == ["ours"]
    assert "theirs cannot be loaded" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_broken_one_of_ours_is_no_secret() -> None:
    with pytest.raises(ImportError):
        loading(Loaded("ours", ImportError("gone"), OURS))
