"""A file that only grows is read once, whoever wrote in it."""

from __future__ import annotations

from pathlib import Path

from jiean.intake.followed import Followed


def said(followed: Followed[list[bytes]], file: Path) -> list[bytes]:
    with followed.of(file) as told:
        return list(told)


def add(file: Path, words: bytes) -> None:
    with file.open("ab") as out:
        out.write(words)


def test_whole_lines_are_read_once_and_another_file_from_its_beginning(tmp_path: Path) -> None:
    file, taken = tmp_path / "lines", []
    followed: Followed[list[bytes]] = Followed(list, lambda told, line: (told.append(line), taken.append(line))[0])
    assert said(followed, file) == []
    add(file, b"one\ntwo\n")
    assert said(followed, file) == [b"one", b"two"] and taken == [b"one", b"two"]
    add(file, b"thr")
    assert said(followed, file) == [b"one", b"two"], "a line still being written is not read"
    add(file, b"ee\nfour\n")
    assert said(followed, file) == [b"one", b"two", b"three", b"four"]
    assert taken == [b"one", b"two", b"three", b"four"], "each once"
    file.write_bytes(b"other\nlines\nand more of them than before\n" * 9)
    assert said(followed, file)[:2] == [b"other", b"lines"] and len(said(followed, file)) == 27
    file.unlink()
    assert said(followed, file) == []
    add(file, b"cut")
    assert said(followed, file) == []
    file.write_bytes(b"new\n")
    assert said(followed, file) == [b"new"]


def test_two_files_asked_in_turn_are_not_mixed(tmp_path: Path) -> None:
    followed: Followed[list[bytes]] = Followed(list, list.append)
    for name in ("a", "b", "a"):
        add(tmp_path / name, name.encode() + b"\n")
        assert set(said(followed, tmp_path / name)) == {name.encode()}
