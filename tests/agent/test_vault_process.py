"""The agent with a file vault, as processes: chosen, remembered, locked, unlocked, never leaked."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.program import Program, answers
from tests.hardship.wire import Wire
from tests.real_parts.terminal import Terminal
from tests.real_parts.waiting import until

PASSPHRASE = "correct horse canary"
COMMAND = [sys.executable, "-I", "-m", "manager"]


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program(Path(tempfile.mkdtemp(prefix="am-", dir="/tmp")))
    yield made
    made.close()


def pipe(content: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, content.encode())
    os.close(writing)
    return reading


def with_passphrase(program: Program, *options: str, passphrase: str = PASSPHRASE) -> object:
    descriptor = pipe(passphrase)
    try:
        options = (*options, f"--passphrase-fd={descriptor}")
        return program.running(*options, descriptors=(descriptor,))
    finally:
        os.close(descriptor)


def status(program: Program) -> tuple[str, str, bool]:
    with Wire(program.sockets[1]) as control:
        answer = control.call("agent.status")
    return answer["keychain"], answer["vault"], answer["vault_made"]


def stop(program: Program) -> None:
    with Wire(program.sockets[1]) as control:
        control.call("agent.stop")
    for process in program.started:
        process.wait(10)


def test_a_passphrase_from_a_descriptor_opens_it(program: Program) -> None:
    with_passphrase(program, "--vault=file")
    assert status(program) == ("available", "file", True)
    assert (program.home / "data" / "vault").stat().st_mode & 0o777 == 0o600


def test_a_later_start_remembers_the_choice_and_waits_for_the_passphrase(program: Program) -> None:
    with_passphrase(program, "--vault=file")
    stop(program)
    program.running()
    assert status(program) == ("locked", "file", True)
    with Wire(program.sockets[1]) as control:
        assert control.call("agent.unlock", passphrase=PASSPHRASE) == {"keychain": "available"}


def test_the_choice_is_taken_back_by_the_person_alone(program: Program) -> None:
    with_passphrase(program, "--vault=file")
    stop(program)
    program.running("--vault=system")
    assert status(program) == ("unavailable", "system", True)
    stop(program)
    program.running()
    assert status(program)[1] == "system"


def test_a_vault_that_the_settings_do_not_name_is_not_passed_over(program: Program) -> None:
    with_passphrase(program, "--vault=file")
    stop(program)
    (program.home / "config" / "settings.toml").unlink()
    ended, _, err = program.run()
    assert ended == 78
    assert "--vault=file" in err
    assert "Traceback" not in err


def test_an_agent_that_runs_already_says_how_to_choose(program: Program) -> None:
    program.running()
    ended, _, err = program.run("--vault=file")
    assert ended == 75
    assert "account-manager stop" in err
    assert status(program)[1] == "system"
    assert not (program.home / "config" / "settings.toml").exists()


def test_a_wrong_passphrase_ends_the_start(program: Program) -> None:
    with_passphrase(program, "--vault=file")
    stop(program)
    descriptor = pipe("another canary")
    before = (program.home / "data" / "vault").read_bytes()
    ended, out, err = program.run(f"--passphrase-fd={descriptor}", descriptors=(descriptor,))
    os.close(descriptor)
    assert (ended, out) == (77, "")
    assert "not the vault's passphrase" in err
    assert "canary" not in err
    assert (program.home / "data" / "vault").read_bytes() == before


def test_a_passphrase_that_nothing_asks_for(program: Program) -> None:
    descriptor = pipe(PASSPHRASE)
    ended, _, err = program.run(f"--passphrase-fd={descriptor}", descriptors=(descriptor,))
    os.close(descriptor)
    assert ended == 77
    assert "--vault=file" in err


@pytest.mark.parametrize(
    "word", [f"--passphrase-fd={PASSPHRASE}", f"--passphrase={PASSPHRASE}", f"--vault={PASSPHRASE}"]
)
def test_no_argument_takes_it(program: Program, word: str) -> None:
    ended, _, _ = program.run("--vault=file", word)
    assert ended == 64
    assert not any(program.home.iterdir())


def test_no_variable_takes_it(program: Program) -> None:
    with_passphrase(program, "--vault=file")
    stop(program)
    for name in ("PASSPHRASE", "ACCOUNT_MANAGER_PASSPHRASE", "ACCOUNT_MANAGER_VAULT_PASSPHRASE"):
        program.environment[name] = PASSPHRASE
    program.running()
    assert status(program) == ("locked", "file", True)


def test_systemd_s_credential_opens_it(program: Program) -> None:
    folder = program.home / "credentials"
    folder.mkdir()
    (folder / "account-manager.passphrase").write_text(PASSPHRASE)
    program.environment["CREDENTIALS_DIRECTORY"] = str(folder)
    program.running("--vault=file")
    assert status(program) == ("available", "file", True)


def test_no_trace_of_it_is_left(program: Program) -> None:
    process = with_passphrase(program, "--vault=file")
    with Wire(program.sockets[1]) as control:
        control.call("agent.unlock", passphrase=PASSPHRASE)
    proc = Path("/proc", str(process.pid))
    for name in ("cmdline", "environ"):
        if os.access(proc / name, os.R_OK):
            assert b"canary" not in (proc / name).read_bytes()
    process.terminate()
    assert "canary" not in "".join(process.communicate(timeout=10))
    for path in program.home.rglob("*"):
        if path.is_file():
            assert b"canary" not in path.read_bytes(), path


def terminal(program: Program, *arguments: str) -> Terminal:
    return Terminal([*COMMAND, *arguments], program.environment)


def test_at_a_terminal_the_person_is_asked(program: Program) -> None:
    with terminal(program, "agent", "--vault=file") as screen:
        screen.sees("New passphrase: ")
        screen.types(PASSPHRASE)
        screen.sees("again: ")
        screen.types(PASSPHRASE)
        screen.sees("account-manager unlock")
        until(lambda: answers(program.sockets[1]), "agent that answers")
        assert status(program) == ("available", "file", True)
        stop(program)
        assert screen.ends() == 0
        assert "canary" not in screen.shown
    with terminal(program, "agent") as screen:
        screen.sees("Passphrase of the vault: ")
        screen.presses(b"\x03")
        assert screen.ends() == 130
        assert "Traceback" not in screen.shown


def test_unlock_asks_and_sends_it_inward(program: Program) -> None:
    program.running("--vault=file")
    with terminal(program, "unlock") as screen:
        screen.sees("There is no vault yet")
        for _ in range(2):
            screen.sees(": ")
            screen.types(PASSPHRASE)
        screen.sees("Keychain: available")
        assert screen.ends() == 0
    stop(program)
    program.running()
    with terminal(program, "unlock") as screen:
        screen.sees("Passphrase of the vault: ")
        screen.types("wrong canary")
        screen.sees("not the vault's passphrase")
        screen.sees("Passphrase of the vault: ")
        screen.types(PASSPHRASE)
        screen.sees("Keychain: available")
        assert screen.ends() == 0
        assert "canary" not in screen.shown
    with terminal(program, "unlock", "--change-passphrase") as screen:
        for typed in (PASSPHRASE, "a newer canary", "a newer canary"):
            screen.sees(": ")
            screen.types(typed)
        screen.sees("Keychain: available")
        assert screen.ends() == 0
    stop(program)
    with_passphrase(program, passphrase="a newer canary")
    assert status(program) == ("available", "file", True)


def test_an_agent_that_a_program_starts_follows_the_choice(program: Program) -> None:
    """The client's own launcher; nothing but the settings tells the agent."""
    with_passphrase(program, "--vault=file")
    stop(program)
    with terminal(program, "accounts") as screen:
        assert screen.ends() == 0
    try:
        assert status(program) == ("locked", "file", True)
    finally:
        stop(program)
        until(lambda: not program.sockets[1].exists(), "end of the agent")
        shutil.rmtree(program.home / "run", ignore_errors=True)
