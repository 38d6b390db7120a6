"""Taking a scheme, asking first, and giving it back, with the real xdg-utils."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from manager.system.launch_line import launch_line
from manager.system.uri_scheme import OWN_SCHEME, SchemeRegistrationFailed, SchemeStatus
from manager.system.uri_scheme.linux import DESKTOP_ID, LinuxUriSchemes

OTHER = "[Desktop Entry]\nType=Application\nName=Speckle Desktop\nExec=/bin/true %u\n"
COMMAND = ["/opt/account-manager/python", "-I", "-m", "manager"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "DBUS_", "DESKTOP"))}
    (tmp_path / "home").mkdir()
    (tmp_path / "state").mkdir()
    return {
        **kept,
        "HOME": str(tmp_path / "home"),
        "XDG_DATA_DIRS": str(tmp_path / "system"),
        "DISPLAY": ":77",
    }


@pytest.fixture
def schemes(environ: dict[str, str], tmp_path: Path) -> LinuxUriSchemes:
    return LinuxUriSchemes(COMMAND, tmp_path / "state", environ)


def _install_other(environ: dict[str, str], scheme: str = "speckle") -> None:
    applications = Path(environ["HOME"], ".local/share/applications")
    applications.mkdir(parents=True, exist_ok=True)
    (applications / "other.desktop").write_text(OTHER + f"MimeType=x-scheme-handler/{scheme};\n")
    subprocess.run(["update-desktop-database", str(applications)], env=environ, check=True)
    _give(environ, "other.desktop", scheme)


def _give(environ: dict[str, str], desktop_id: str, scheme: str = "speckle") -> None:
    command = ["xdg-mime", "default", desktop_id, f"x-scheme-handler/{scheme}"]
    subprocess.run(command, env=environ, check=True)


def _ours(scheme: str) -> SchemeStatus:
    return SchemeStatus(scheme, ours=True, handler=DESKTOP_ID, handler_name="Account Manager")


SPECKLE_OTHER = SchemeStatus(
    "speckle", ours=False, handler="other.desktop", handler_name="Speckle Desktop"
)
NOBODY = [SchemeStatus(OWN_SCHEME, ours=False), SchemeStatus("speckle", ours=False)]


def test_what_nobody_has_is_taken_and_given_back(
    schemes: LinuxUriSchemes, environ: dict[str, str]
) -> None:
    assert schemes.status() == NOBODY
    assert schemes.register() == [_ours(OWN_SCHEME), _ours("speckle")]
    assert schemes.register() == [_ours(OWN_SCHEME), _ours("speckle")]
    assert schemes.unregister() == NOBODY
    assert schemes.unregister() == NOBODY
    left = Path(environ["HOME"], ".config/mimeapps.list").read_text()
    assert "account_manager" not in left
    assert not list(Path(environ["HOME"], ".local/share/applications").glob("*.desktop"))


def test_another_program_is_asked_for_first_and_gets_it_back(
    schemes: LinuxUriSchemes, environ: dict[str, str]
) -> None:
    _install_other(environ)
    found = schemes.register()
    assert found == [_ours(OWN_SCHEME), SPECKLE_OTHER]
    assert found[1].taken
    entry = Path(environ["HOME"], ".local/share/applications", DESKTOP_ID).read_text()
    assert "speckle" not in entry.split("MimeType=")[1]
    assert schemes.register(take_over=True) == [_ours(OWN_SCHEME), _ours("speckle")]
    assert schemes.former_handler("speckle") == "other.desktop"
    assert schemes.unregister() == [NOBODY[0], SPECKLE_OTHER]
    assert schemes.former_handler("speckle") is None


def test_one_scheme_more_keeps_the_first(schemes: LinuxUriSchemes) -> None:
    schemes.register([OWN_SCHEME])
    assert schemes.register(["speckle"]) == [_ours("speckle")]
    assert schemes.status() == [_ours(OWN_SCHEME), _ours("speckle")]


def test_what_the_person_gave_away_stays_there(
    schemes: LinuxUriSchemes, environ: dict[str, str]
) -> None:
    schemes.register()
    _install_other(environ)
    assert schemes.unregister() == [NOBODY[0], SPECKLE_OTHER]


def test_a_former_program_that_is_gone(schemes: LinuxUriSchemes, environ: dict[str, str]) -> None:
    _install_other(environ)
    schemes.register(take_over=True)
    Path(environ["HOME"], ".local/share/applications/other.desktop").unlink()
    assert schemes.unregister() == NOBODY


def test_a_default_whose_program_is_gone_is_nobodys(
    schemes: LinuxUriSchemes, environ: dict[str, str]
) -> None:
    _give(environ, "gone.desktop")
    assert schemes.register() == [_ours(OWN_SCHEME), _ours("speckle")]


def test_a_linked_mimeapps_list_stays_a_link(
    schemes: LinuxUriSchemes, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mimeapps.list").write_text("[Default Applications]\ntext/html=b.desktop\n")
    Path(environ["HOME"], ".config").mkdir()
    link = Path(environ["HOME"], ".config/mimeapps.list")
    link.symlink_to(tmp_path / "mimeapps.list")
    schemes.register()
    was_link = link.is_symlink()  # xdg-mime's own doing
    schemes.unregister()
    assert link.is_symlink() == was_link
    assert "text/html=b.desktop" in link.read_text()
    assert "account_manager" not in link.read_text()


def test_a_moved_program_is_written_again(
    schemes: LinuxUriSchemes, environ: dict[str, str], tmp_path: Path
) -> None:
    schemes.register()
    LinuxUriSchemes(["/new/python"], tmp_path / "state", environ).register()
    entry = Path(environ["HOME"], ".local/share/applications", DESKTOP_ID).read_text()
    assert "Exec=/new/python handle-uri -- %u" in entry


def test_without_xdg_utils(environ: dict[str, str], tmp_path: Path) -> None:
    bare = LinuxUriSchemes(COMMAND, tmp_path / "state", {**environ, "PATH": str(tmp_path)})
    with pytest.raises(SchemeRegistrationFailed) as caught:
        bare.register()
    assert "xdg-utils" in caught.value.hint


def test_a_path_that_no_entry_can_hold(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SchemeRegistrationFailed):
        LinuxUriSchemes(["/a=b/python"], tmp_path / "state", environ).register()


@pytest.mark.real
@pytest.mark.parametrize("uri", [
    "io.github.account-manager:/callback/x?code=1",
    "speckle://account?access_code=a'b;$(id)`id`&x=%22%20" + "y" * 8000,
])  # fmt: skip
@pytest.mark.parametrize("opener", [["xdg-open"], ["gio", "open"]])
def test_the_round_trip(
    environ: dict[str, str], tmp_path: Path, uri: str, opener: list[str]
) -> None:
    os.mkfifo(tmp_path / "told")
    program = tmp_path / "python"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'told')!r}, 'w').write("
        "'\\n'.join(sys.argv[1:]))\n"
    )
    program.chmod(0o700)
    LinuxUriSchemes([str(program), "-I"], tmp_path / "state", environ).register()
    with subprocess.Popen([*opener, uri], env=environ) as started:
        assert (tmp_path / "told").read_text().split("\n") == ["-I", "handle-uri", "--", uri]
    assert started.returncode == 0


@pytest.mark.real
def test_a_followed_link_reaches_the_agents_socket(environ: dict[str, str], tmp_path: Path) -> None:
    """Desktop, launch line and relay together; only the agent is played."""
    uri = "io.github.account-manager:/callback/x?code=1&state=2"
    with tempfile.TemporaryDirectory() as home:  # short: a socket's path has 107 bytes at most
        LinuxUriSchemes(launch_line(), tmp_path / "state", environ).register()
        Path(home, "run").mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as agent:
            agent.bind(home + "/run/control.sock")
            agent.listen()
            agent.settimeout(30)
            environ = {**environ, "ACCOUNT_MANAGER_HOME": home}
            with subprocess.Popen(["xdg-open", uri], env=environ) as started:
                connection = agent.accept()[0]
                with connection, connection.makefile("rb") as lines:
                    told = [json.loads(lines.readline()) for _ in range(2)]
                    connection.sendall(b'{"jsonrpc":"2.0","id":2,"result":{}}\n')
    assert [message["method"] for message in told] == ["hello", "sign_in.complete"]
    assert told[1]["params"]["uri"] == uri
    assert started.returncode == 0
