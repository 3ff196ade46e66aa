"""Files out: where they go is checked before anything runs, and what cannot be written there goes elsewhere."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.specs.errors import UserError

Contents = Mapping[str, Callable[[], bytes]]
"""What makes each file, by its name; the first one is what nobody can make again."""


class OutputFolder:
    """A folder for the files of a command.

    Args:
        path: of the folder, which need not be there yet.
        names: of all files that may be written.
        overwrite: whether they may replace others.

    Raises:
        UserError: they cannot be written there, or would replace others.
    """

    def __init__(self, path: Path, names: Sequence[str], *, overwrite: bool = False) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise UserError(
                f"--out: {path} is a file, and a folder for {', '.join(names)} is needed: name another one."
            )
        _check_writable(path)
        _check_free([path / name for name in names], overwrite)

    def write(self, contents: Contents) -> str:
        """Write the files; "", or why they are in another folder, which these words name (see `check_written`)."""
        made: dict[str, bytes] = {}
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name, make in contents.items():
                made[name] = make()
                (self.path / name).write_bytes(made[name])
        except OSError as error:
            return _rescued(self.path, error, made, contents)
        return ""


class OutputFile:
    """One file of a command; arguments and errors as those of `OutputFolder`."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        if path.is_dir():
            raise UserError(
                f"--out: {path} is a folder, and the name of a file is needed: such as {path / 'out.json'}."
            )
        self.path = path
        _check_writable(path.parent)
        _check_free([path], overwrite)

    def write(self, content: bytes) -> str:
        """Write the file; "", or why it is elsewhere, as `OutputFolder.write` says it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(content)
        except OSError as error:
            contents = {self.path.name: content}
            return _rescued(self.path, error, contents, {})
        return ""


def check_written(trouble: str) -> None:
    """Raise UserError where writing came to trouble: last of all, so that the rest was said before.

    Args:
        trouble: what `write` gave.
    """
    if trouble:
        raise UserError(trouble)


def rescue_folder() -> Path:
    """A new folder for what cannot be written where it should be."""
    return Path(tempfile.mkdtemp(prefix="mixwright-"))


def _rescued(path: Path, error: OSError, made: Mapping[str, bytes], contents: Contents) -> str:
    """Write everything into a folder for temporary files instead, and say so."""
    folder = rescue_folder()
    for name in dict.fromkeys([*made, *contents]):
        (folder / name).write_bytes(made[name] if name in made else contents[name]())
    return f"{path} cannot be written any more ({error.strerror or error}). Nothing is lost: it is in {folder} instead."


def _check_writable(folder: Path) -> None:
    """Raise UserError unless a folder is there or can be made, and files can be made in it."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise UserError(f"--out: {there} is a file, so there can be nothing in it: name another folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"--out: nothing can be written in {there}: name another folder, or ask for its permission.")


def _check_free(paths: Sequence[Path], overwrite: bool) -> None:
    """Raise UserError where a file is there that shall not be replaced, or cannot be."""
    for path in paths:
        if path.is_dir():
            raise UserError(f"--out: {path} is a folder, and a file of that name is to be written: name another place.")
        if path.exists() and overwrite and not os.access(path, os.W_OK):
            raise UserError(f"--out: {path} is there already and cannot be overwritten: name another place.")
    there = [path for path in paths if path.exists()]
    if there and not overwrite:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise UserError(f"--out: {there[0]}{more} would be overwritten: name another place, or give --overwrite.")
