"""A full disk, for real (a small tmpfs): nothing lost, nothing released unsaved, over by itself."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hardship.rotation_log import RotatingServer
from tests.hardship.running_agent import RunningAgent, is_root
from tests.hardship.wire import Refused
from tests.real_parts.waiting import until

pytestmark = pytest.mark.skipif(not is_root(), reason="only root may mount a small disk")


class SmallDisk:
    """`folder` on a disk of 4 MiB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ballast = folder / "ballast"
        folder.mkdir(mode=0o700, parents=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(folder)], check=True
        )

    def fill(self) -> None:
        """To the last page."""
        with contextlib.suppress(OSError), self.ballast.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self.ballast.unlink(missing_ok=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@pytest.fixture
def server() -> Iterator[RotatingServer]:
    with RotatingServer() as server:
        server.change_faults(grace=60)
        yield server


@pytest.fixture
def disk_of(new_agent: Callable[[], RunningAgent]) -> Iterator[tuple[RunningAgent, SmallDisk]]:
    agent = new_agent()
    disk = SmallDisk(agent.home / "data")
    try:
        yield agent.start(), disk
    finally:
        agent.stop()
        disk.unmount()


def forced(agent: RunningAgent, account: str, known: str) -> str:
    with agent.connect() as connector:
        rejected = hashlib.sha256(known.encode()).hexdigest()
        answer = connector.call("token.refresh", account=account, rejected=rejected)
    return str(answer["access_token"])


def test_a_refresh_is_not_begun_where_its_end_has_no_room(
    disk_of: tuple[RunningAgent, SmallDisk], server: RotatingServer
) -> None:
    agent, disk = disk_of
    account = agent.sign_in(server)["id"]
    first = agent.token(account)["access_token"]
    (disk.folder / "reserve").unlink(missing_ok=True)
    disk.fill()
    with pytest.raises(Refused) as refused:
        forced(agent, account, first)
    assert refused.value.kind == "storage_unavailable"
    assert refused.value.hint
    assert server.presented == [], "nothing was sent that could not be kept"
    assert agent.token(account)["access_token"] == first, "a living token is served"
    assert agent.state(account)[:2] == ("signed_in", None)
    told = agent.command("token", account, "--min-valid", "3599")
    assert (told.returncode, told.stdout.strip()) == (0, first)
    begun = agent.call("sign_in.begin", server=server.url, client_id="account-manager")
    assert begun["sign_in"]
    assert agent.stop() == 0
    agent.start()
    assert agent.call("agent.status")["accounts"] == 1
    disk.free()
    token = agent.token(account)["access_token"]
    assert server.accepts(token)
    assert server.accepts(forced(agent, account, token))
    assert server.reuse_detected == 0


def test_a_disk_that_fills_up_in_mid_refresh(
    disk_of: tuple[RunningAgent, SmallDisk], server: RotatingServer
) -> None:
    """The reserve takes what the server gave."""
    agent, disk = disk_of
    account = agent.sign_in(server)["id"]
    first = agent.token(account)["access_token"]
    server.change_faults(delay={"token": 1.0})
    got: list[str] = []
    asking = threading.Thread(target=lambda: got.append(forced(agent, account, first)))
    asking.start()
    until(lambda: server.presented, "refresh under way")
    disk.fill()
    asking.join()
    assert server.accepts(got[0])
    agent.kill()
    disk.free()
    agent.start()
    assert agent.token(account)["access_token"] == got[0]
    assert server.reuse_detected == 0


def test_what_cannot_be_stored_is_not_handed_out(
    disk_of: tuple[RunningAgent, SmallDisk], server: RotatingServer
) -> None:
    """Not even the reserve is left: kept in memory, given to nobody, stored once there is room."""
    agent, disk = disk_of
    account = agent.sign_in(server)["id"]
    first = agent.token(account)["access_token"]
    server.change_faults(delay={"token": 1.0})
    errors: list[Refused] = []

    def ask() -> None:
        try:
            forced(agent, account, first)
        except Refused as refused:
            errors.append(refused)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: server.presented, "refresh under way")
    (disk.folder / "reserve").unlink()
    disk.fill()
    asking.join()
    (error,) = errors
    assert error.kind == "storage_unavailable"
    assert error.message == "The disk is full."
    assert "space" in error.hint
    assert agent.token(account)["access_token"] == first, "not the one that is not stored"
    told = agent.command("token", account, "--min-valid", "3600")
    assert told.stdout.strip() in ("", first)
    disk.free()

    def renewed() -> bool:
        return bool(agent.token(account)["access_token"] != first)

    until(renewed, "storing once there is room", 30)
    assert len(server.presented) == 1, "the server was not asked again"
    token = agent.token(account)["access_token"]
    assert server.accepts(token)
    agent.kill()
    agent.start()
    assert agent.token(account)["access_token"] == token
    assert server.reuse_detected == 0
