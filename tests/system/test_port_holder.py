"""The program on a port is named, where the system lets us see it."""

from __future__ import annotations

import socket
from pathlib import Path

from manager.system.port_holder import listening_inodes, port_holder


def test_this_program_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        name = Path("/proc/self/comm").read_text().strip()
        assert port_holder(server.getsockname()[1]) == name


def test_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert port_holder(port) is None


def test_only_listening_sockets_count() -> None:
    table = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when uid timeout inode\n"
        "   0: 0100007F:72B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 11 1 0\n"
        "   1: 0100007F:72B3 0100007F:0001 06 00000000:00000000 00:00000000 00000000 0 0 12 1 0\n"
        "   2: 0100007F:0001 00000000:72B3 0A 00000000:00000000 00:00000000 00000000 0 0 13 1 0\n"
        "broken\n"
    )  # fmt: skip
    assert listening_inodes(table, 29363) == {"11"}
