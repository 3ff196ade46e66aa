"""Files out: checked before, kept elsewhere where writing fails in spite of that."""

import os

import pytest

from services.cli.files import OutputFile, OutputFolder, check_written
from services.specs.errors import UserError


def test_files_are_written_into_a_folder_that_is_made(tmp_path):
    out = OutputFolder(tmp_path / "a" / "b", ["x"])
    assert not (tmp_path / "a").exists()  # checking makes nothing
    assert out.write({"x": lambda: b"1"}) == ""
    assert (tmp_path / "a" / "b" / "x").read_bytes() == b"1"
    check_written("")


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path):
    (tmp_path / "file").write_bytes(b"kept")
    for path in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(UserError, match="is a file"):
            OutputFolder(path, ["x"])
    with pytest.raises(UserError, match="is a file"):
        OutputFile(tmp_path / "file" / "x.json")
    with pytest.raises(UserError, match="is a folder"):
        OutputFile(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_nothing_is_replaced_unless_that_is_said(tmp_path):
    for name in ("x", "y"):
        (tmp_path / name).write_bytes(b"measured by hand")
    with pytest.raises(UserError, match=r"x and 1 more would be overwritten.*--overwrite"):
        OutputFolder(tmp_path, ["x", "y", "z"])
    with pytest.raises(UserError, match="would be overwritten"):
        OutputFile(tmp_path / "y")
    OutputFolder(tmp_path, ["z"])
    OutputFolder(tmp_path, ["x"], overwrite=True).write({"x": lambda: b"new"})
    OutputFile(tmp_path / "y", overwrite=True).write(b"new")
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes() == b"new"


def test_a_folder_under_the_name_of_a_file_is_told_even_when_overwriting(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        OutputFolder(tmp_path, ["x"], overwrite=True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden here")
def test_a_folder_that_cannot_be_written_in_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="nothing can be written"):
        OutputFolder(tmp_path / "a", ["x"])


def test_what_cannot_be_written_is_kept_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = OutputFolder(tmp_path / "out", ["x", "y"])
    (tmp_path / "out").write_bytes(b"came in between")
    with pytest.raises(UserError, match="cannot be written any more") as told:
        check_written(out.write({"x": lambda: b"1", "y": lambda: b"2"}))
    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert str(folder) in str(told.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"x": b"1", "y": b"2"}
    assert (tmp_path / "out").read_bytes() == b"came in between"


def test_one_file_that_cannot_be_written_is_kept_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = OutputFile(tmp_path / "out" / "x.json")
    (tmp_path / "out").write_bytes(b"came in between")
    assert "Nothing is lost" in out.write(b"1")
    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert (folder / "x.json").read_bytes() == b"1"


def test_the_first_file_is_there_when_a_later_one_cannot_be_made(tmp_path):
    def fail():
        raise RuntimeError("a sheet that cannot be drawn")

    with pytest.raises(RuntimeError):
        OutputFolder(tmp_path / "out", ["x", "y"]).write({"x": lambda: b"1", "y": fail})
    assert (tmp_path / "out" / "x").read_bytes() == b"1"
