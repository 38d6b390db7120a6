"""One small file that only its owner may read: checked when read, replaced whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from manager.core.errors import KeychainDenied, KeychainUnavailable

_LARGEST = 16 * 1024 * 1024


def read_owner_only(path: Path) -> bytes | None:
    """The content, None where there is no such file.

    Raises KeychainDenied for a link, something else than a file, another owner or a mode that lets
    others in; KeychainUnavailable when the disk does not give it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise KeychainDenied(
                f"This is a link, not a file: {path}.", hint="Put the file itself there."
            ) from None
        raise _unavailable(path, error) from None
    try:
        _check(os.fstat(descriptor), path)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unavailable(path, error) from None
    finally:
        os.close(descriptor)
    if len(content) > _LARGEST:
        raise KeychainDenied(f"The file {path} is larger than any of ours.")
    return content


def replace_owner_only(path: Path, content: bytes) -> None:
    """Write `content` beside the file, have the disk keep it, then put it in the file's place.

    Whenever the process or the machine stops, the old or the new content stands, whole. Raises
    KeychainUnavailable; the old content stands then.
    """
    beside = path.with_name(path.name + ".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with contextlib.suppress(FileNotFoundError):  # left over by one that was killed
            beside.unlink()
        descriptor = os.open(beside, flags, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _unavailable(path, error) from None


def _check(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeychainDenied(f"This is no file: {path}.", hint="Move it away.")
    if status.st_uid != os.getuid():
        raise KeychainDenied(
            f"The file {path} belongs to another user.", hint="Give it to your own user."
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeychainDenied(
            f"The file {path} is open to other users.",
            hint="Close it (chmod 600), then change its passphrase if others may have read it.",
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(path: Path, error: OSError) -> KeychainUnavailable:
    return KeychainUnavailable(
        f"The file {path} cannot be used ({os.strerror(error.errno or 0)}).",
        hint="Put the disk right; nothing was changed.",
    )
