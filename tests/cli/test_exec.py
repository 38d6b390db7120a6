"""account-manager exec: as transparent as env(1), and nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio
SHOW = "import os, sys; print(os.environ['WORKSHOP_TOKEN'], *sys.argv[1:])"


async def test_the_command_has_the_variables_and_its_own_words(stage: Stage) -> None:
    account = await stage.key()
    (key,) = stage.server.keys.values()
    words = ["--json", "-h", "--", "a b", "$HOME", ""]
    done = await stage.run("exec", account.identity.label, "--", sys.executable, "-c", SHOW, *words)
    assert done.out == " ".join([key.secret, *words]) + "\n"
    assert (done.status, done.err) == (0, "")


async def test_the_rest_of_the_environment_and_the_folder_stay(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.key()
    command = ["sh", "-c", 'printf "%s %s %s" "$MINE" "$PWD" "$(umask)"']
    done = await stage.run("exec", "--", *command, environ={"MINE": "kept"}, cwd=tmp_path)
    plain = await asyncio.create_subprocess_exec(
        "env", *command, env={**os.environ, "MINE": "kept"}, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert done.out.encode() == (await plain.communicate())[0]


async def test_what_is_typed_goes_to_the_command(stage: Stage) -> None:
    await stage.key()
    assert (await stage.run("exec", "--", "cat", typed="typed")).out == "typed"


@pytest.mark.parametrize("status", [0, 1, 64, 126, 255])
async def test_its_exit_status_is_ours(stage: Stage, status: int) -> None:
    await stage.key()
    assert (await stage.run("exec", "--", "sh", "-c", f"exit {status}")).status == status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
async def test_signals_reach_it(stage: Stage, number: signal.Signals) -> None:
    await stage.key()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "manager", "exec", "--", "sh", "-c", "echo ready; exec sleep 60",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert await process.wait() == -number


async def test_what_python_ignores_is_not_ignored_there(stage: Stage) -> None:
    await stage.key()
    show = "import signal; print(signal.getsignal(13), signal.getsignal(25))"
    done = await stage.run("exec", "--", "grep", "-i", "SigIgn", "/proc/self/status")
    plain = await asyncio.create_subprocess_exec(
        "grep", "-i", "SigIgn", "/proc/self/status", stdout=asyncio.subprocess.PIPE
    )
    assert done.out.encode() == (await plain.communicate())[0], show


async def test_no_open_file_of_ours_is_left_to_it(stage: Stage) -> None:
    await stage.key()
    done = await stage.run("exec", "--", "ls", "/proc/self/fd")
    assert done.out.split() == ["0", "1", "2", "3"]  # 3 is ls's own look at the folder


async def test_missing_and_not_executable_commands(stage: Stage, tmp_path: Path) -> None:
    await stage.key()
    missing = await stage.run("exec", "--", "no-such-command")
    assert (missing.status, missing.out) == (127, "")
    assert missing.err == "account-manager exec: no-such-command: No such file or directory\n"
    assert (await stage.run("exec", "--", "")).status == 127
    text = tmp_path / "text"
    text.write_text("echo $WORKSHOP_URL $1")
    assert (await stage.run("exec", "--", str(text))).status == 126
    text.chmod(0o700)  # no #! line: a shell runs it
    assert (await stage.run("exec", "--", str(text), "more")).out == f"{stage.server.url} more\n"
    assert (await stage.run("exec", "--", str(tmp_path))).status == 126


async def test_wrong_use(stage: Stage) -> None:
    await stage.key()
    for words in (["exec"], ["exec", "--"], ["exec", "person1@workshop.example"]):
        done = await stage.run(*words)
        assert done.status == 64
        assert "account-manager exec ACCOUNT -- COMMAND" in done.err
    assert (await stage.run("exec", "nobody", "--", "true")).status == 67
