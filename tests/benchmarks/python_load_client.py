"""load_client.c in Python, for machines without a compiler: same arguments, same answer."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any


def asking(mode: str, path: str, first: str, second: str) -> Callable[[], bool]:
    """What one client does again and again; whether a token came."""
    if mode == "library":
        os.environ["OIDC_SOCK"] = path
        library = ctypes.CDLL("liboidc-agent.so.4")
        library.getAccessToken3.restype = ctypes.c_char_p
        min_valid = ctypes.c_long(int(second))
        return lambda: bool(
            library.getAccessToken3(first.encode(), min_valid, None, b"benchmark", None)
        )

    def answered(peer: socket.socket, lines: int) -> bool:
        answer = b""
        while not lines or answer.count(b"\n") < lines:
            data = peer.recv(65536)
            if not data:
                break
            answer += data
        return b'"access_token"' in answer

    def new() -> bool:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(path)
            peer.sendall((first + second).encode())
            return answered(peer, 2 if mode == "new" else 0)

    if mode != "kept":
        return new
    kept = socket.socket(socket.AF_UNIX)
    kept.connect(path)
    kept.sendall(first.encode())
    answered(kept, 1)

    def again() -> bool:
        kept.sendall(second.encode())
        return answered(kept, 1)

    return again


def client(words: list[str], requests: int, barrier: Any, queue: Any) -> None:
    ask = asking(*words)
    took, failed = [], 0
    barrier.wait()
    for _ in range(requests):
        began = time.perf_counter()
        failed += not ask()
        took.append((time.perf_counter() - began) * 1e6)
    queue.put((took, failed))


def main(words: list[str]) -> None:
    mode, path, clients, requests, first, second = words
    context = multiprocessing.get_context("fork")
    barrier, queue = context.Barrier(int(clients) + 1), context.Queue()
    arguments = ([mode, path, first, second], int(requests), barrier, queue)
    for _ in range(int(clients)):
        context.Process(target=client, args=arguments, daemon=True).start()
    barrier.wait()
    began = time.perf_counter()
    answers = [queue.get() for _ in range(int(clients))]
    seconds = time.perf_counter() - began
    took = sorted(each for answer, _ in answers for each in answer)
    figures = {
        "p50": took[len(took) // 2],
        "p99": took[len(took) * 99 // 100],
        "max": took[-1],
        "per_second": len(took) / seconds,
        "failed": sum(failed for _, failed in answers),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
