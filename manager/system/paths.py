"""Where the program's folders are, and that nobody else can reach into them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from manager.client.protocol.endpoint import runtime_folder
from manager.client.protocol.launch_record import state_folder
from manager.core.errors import PersonCanAct, StorageUnavailable

_NAME = "account-manager"
_SHARED = "Name a folder of your own for it."


class FolderUnsafe(PersonCanAct):
    """A folder of ours belongs to, or is open to, another user."""

    default_hint = "Give the folder to your own user with mode 0700, or move it away."


@dataclass(frozen=True, slots=True)
class Folders:
    """Absolute paths, none made yet. `run` holds the sockets and the lock."""

    config: Path
    data: Path
    state: Path
    run: Path


def folders() -> Folders:
    """The four folders of this user; ACCOUNT_MANAGER_HOME moves all of them below one directory.

    `state` and `run` are those that the client computes (platformdirs would put the sockets below
    /tmp where XDG_RUNTIME_DIR is unset).
    """
    state, run = Path(state_folder()), Path(runtime_folder())
    home = os.environ.get("ACCOUNT_MANAGER_HOME")
    if home:
        root = Path(os.path.abspath(home))
        return Folders(config=root / "config", data=root / "data", state=state, run=run)
    dirs = platformdirs.PlatformDirs(_NAME, appauthor=False, roaming=False)
    return Folders(
        config=_absolute(dirs.user_config_dir, ".config"),
        data=_absolute(dirs.user_data_dir, ".local/share"),
        state=state,
        run=run,
    )


def private_folder(path: Path) -> Path:
    """Make `path` with mode 0700 where it is missing, check it, and return it.

    A folder of ours that is merely too open (made by hand, or restored) is closed. Raises
    FolderUnsafe for a link, another owner or something that is no folder, StorageUnavailable when
    it cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (NotADirectoryError, FileExistsError):
        raise FolderUnsafe(f"This is a link or a file, not a folder: {path}") from None
    except OSError as error:
        if path.is_symlink():
            raise FolderUnsafe(f"This is a link, not a folder: {path}") from None
        raise StorageUnavailable(
            f"The folder {path} cannot be used: {error.strerror}.",
            hint="Make its parent folder writable for your user, or free some disk space.",
        ) from None
    try:
        _check(descriptor, path)
    finally:
        os.close(descriptor)
    return path


def prepare(found: Folders) -> Folders:
    """All four folders made and checked. Raises FolderUnsafe, StorageUnavailable."""
    for path in (found.config, found.data, found.state, found.run):
        private_folder(path)
    return found


def _check(descriptor: int, path: Path) -> None:
    status = os.fstat(descriptor)
    if status.st_uid != os.getuid():
        raise FolderUnsafe(f"The folder {path} belongs to another user.")
    if status.st_mode & stat.S_ISVTX:  # such as /tmp: closing it would lock everybody else out
        raise FolderUnsafe(f"The folder {path} is shared by all users.", hint=_SHARED)
    if stat.S_IMODE(status.st_mode) & 0o077:
        try:
            os.fchmod(descriptor, 0o700)
        except OSError:
            raise FolderUnsafe(f"The folder {path} is open to other users.") from None


def _absolute(folder: str, fallback: str) -> Path:
    # XDG Base Directory: a relative path in XDG_*_HOME is invalid and must be ignored.
    path = Path(folder)
    return path if path.is_absolute() else Path.home() / fallback / _NAME
