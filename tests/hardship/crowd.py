"""Many programs at once on one socket: `python -I crowd.py SOCKET HOW PROCESSES EACH`.

Each child opens EACH connections and keeps them. HOW: `idle` says hello; `silent` says nothing;
`half` sends half a line; `deaf` asks without end for lists and reads none. Prints "ready" once all
are open; ends when its stdin does.
"""

from __future__ import annotations

import os
import socket
import sys

HELLO = (
    b'{"jsonrpc":"2.0","id":0,"method":"hello",'
    b'"params":{"protocol":1,"connector":{"name":"crowd"}}}\n'
)
QUESTION = b'{"jsonrpc":"2.0","id":1,"method":"accounts.list"}\n'


def connected(path: str, how: str) -> socket.socket:
    wire = socket.socket(socket.AF_UNIX)
    wire.connect(path)  # without a timeout: with one, a full queue is an error at once
    wire.settimeout(30)
    if how == "idle":
        wire.sendall(HELLO)
        assert b'"result"' in wire.recv(4096)
    elif how == "half":
        wire.sendall(HELLO[:30])
    elif how == "deaf":
        wire.sendall(HELLO)
        wire.settimeout(0)
    return wire


def pester(wires: list[socket.socket]) -> None:
    """Ask without reading until the agent hangs up."""
    while wires:
        for wire in list(wires):
            try:
                wire.send(QUESTION * 100)
            except BlockingIOError:
                continue
            except OSError:
                wires.remove(wire)


def child(path: str, how: str, each: int, ready: int, end: int) -> None:
    wires = [connected(path, how) for _ in range(each)]
    os.write(ready, b".")
    if how == "deaf":
        pester(wires)
    os.read(end, 1)


def main(path: str, how: str, processes: str, each: str) -> None:
    ready, tell = os.pipe()
    end, held = os.pipe()  # the held side closes with this process
    for _ in range(int(processes)):
        if os.fork() == 0:
            os.close(held)
            child(path, how, int(each), tell, end)
            os._exit(0)
    for _ in range(int(processes)):
        assert os.read(ready, 1) == b"."
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
