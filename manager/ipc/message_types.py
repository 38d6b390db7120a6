"""Checked types of every method's params, made from the client's message table."""

from __future__ import annotations

from typing import Any

import msgspec

from manager.client.protocol.messages import METHODS

_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "strs": list[str],
    "object": dict[str, Any],
    "objects": list[dict[str, Any]],
}


class _Message(msgspec.Struct):
    """Holds what a peer sends and gets, codes and tokens too."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class Request(_Message):
    """One line from a peer (JSON-RPC 2.0 section 4); params wait until the method is known."""

    method: str
    jsonrpc: str = "2.0"
    id: int | str | None = None
    params: msgspec.Raw = msgspec.Raw(b"{}")


class Reply(_Message):
    id: int | str | None
    result: Any
    jsonrpc: str = "2.0"


class ErrorReply(_Message):
    id: int | str | None
    error: dict[str, Any]
    jsonrpc: str = "2.0"


class Notification(_Message):
    method: str
    params: dict[str, Any]
    jsonrpc: str = "2.0"


def params_type(method: str) -> type[msgspec.Struct]:
    """The struct of a method's params; unknown members are ignored, so that newer clients work."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, shape in METHODS[method].params.items():
        kind = _TYPES[shape.rstrip("?")]
        if shape.endswith("?"):
            fields.append((_attribute(name), kind | None, None))
        else:
            fields.append((_attribute(name), kind))
    fields.append(("timeout", float | None, None))
    title = "".join(part.title() for part in method.replace(".", "_").split("_"))
    renamed = {_attribute(name): name for name in METHODS[method].params}
    return msgspec.defstruct(
        f"{title}Params", fields, bases=(_Message,), kw_only=True, rename=renamed.get
    )


def _attribute(name: str) -> str:
    return name + "_" if name in ("for",) else name


encoder = msgspec.json.Encoder()
request_decoder = msgspec.json.Decoder(Request)
