"""How the faults of the network show in a reply; pure, the service does the waiting."""

from __future__ import annotations

import zlib
from collections.abc import Container, Mapping
from dataclasses import replace
from functools import cache
from typing import TypeVar

from .faults import HttpFaults
from .http_message import Delivery, HttpReply, html_reply, json_reply, redirect_reply

_BLOCK = 1024 * 1024
_BLOCKS = 512
_Value = TypeVar("_Value")

_PORTAL = """<!doctype html><html lang="en"><title>Guest network</title>
<h1>Welcome to the guest network</h1>
<form action="/portal/login" method="post"><label>Room <input name="room"></label>
<button>Go online</button></form></html>"""
_BROKEN = "<!doctype html><html><title>{0}</title><center><h1>{0}</h1><hr>nginx</center></html>"


def _of(table: Mapping[str, _Value], endpoint: str) -> _Value | None:
    return table.get(endpoint, table.get("*"))


def _in(names: Container[str], endpoint: str) -> bool:
    return endpoint in names or "*" in names


def instead(
    faults: HttpFaults, endpoint: str, rate_limit_body: Mapping[str, object]
) -> HttpReply | None:  # a list
    """The reply that comes in place of the endpoint's own; None: the request is processed."""
    if faults.captive_portal == "redirect":
        return redirect_reply("http://127.0.0.1:9/portal/login")
    if faults.captive_portal:
        return html_reply(_PORTAL)
    if status := _of(faults.unavailable, endpoint):
        return html_reply(_BROKEN.format(f"{status} Service Temporarily Unavailable"), status)
    if (retry_after := _of(faults.rate_limited, endpoint)) is not None:
        return json_reply(dict(rate_limit_body), 429, ("Retry-After", retry_after))
    if location := _of(faults.redirect, endpoint):
        return redirect_reply(location, 307)
    if _in(faults.gzip_bomb, endpoint):
        headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
        return HttpReply(200, headers, gzip_bomb())
    return None


def delivered(faults: HttpFaults, endpoint: str, reply: HttpReply) -> HttpReply:
    """The endpoint's own reply as it travels on this network."""
    delay = _of(faults.delay, endpoint)
    if delay:
        reply = replace(reply, delay=delay)
    if _in(faults.hang, endpoint):
        return replace(reply, delivery=Delivery.HANG)
    if _in(faults.drip, endpoint):
        return replace(reply, delivery=Delivery.DRIP, drip=faults.drip_interval)
    return reply


@cache
def gzip_bomb() -> bytes:
    """512 MiB of zeros as one valid gzip stream of about half a MiB.

    A fully flushed block refers to nothing before it, so one packed MiB is repeated instead of
    packing 512 of them.
    """
    zeros = bytes(_BLOCK)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush(zlib.Z_FINISH)
    checksum = 0
    for _ in range(_BLOCKS):
        checksum = zlib.crc32(zeros, checksum)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    size = (_BLOCK * _BLOCKS) & 0xFFFFFFFF
    tail = checksum.to_bytes(4, "little") + size.to_bytes(4, "little")
    return head + block * _BLOCKS + end + tail
