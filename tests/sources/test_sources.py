"""A file or standard input, and what is refused in words."""

import io
import os
import threading

import pytest

from mailtrace.errors import MessageError
from mailtrace.sources import open_source

MAIL = b"From: a@b.example\n\nbody\n"


def test_a_file(tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(MAIL)
    with open_source(str(path)) as source:
        assert (source.name, source.kind, source.position) == (str(path), "eml", 0)
        source.file.seek(0)
        assert source.file.read() == MAIL


def test_standard_input_is_spooled():
    with open_source("-", io.BytesIO(MAIL * 100_000)) as source:
        source.file.seek(0)
        assert source.file.read() == MAIL * 100_000


def test_a_pipe_that_cannot_be_sought(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(MAIL,))
    writer.start()
    with open_source(str(path)) as source:
        source.file.seek(5)
        assert source.file.read() == MAIL[5:]
    writer.join()


def test_a_pipe_is_bounded(monkeypatch):
    monkeypatch.setattr("mailtrace.sources.SPOOL_LIMIT", 10)
    with pytest.raises(MessageError, match="more than 10 octets"), open_source("-", io.BytesIO(MAIL)):
        pass


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Outlook"),
        (2 * (b"From a@b Mon Jan  1 00:00:00 2026\n" + MAIL + b"\n"), "mailbox"),
        (
            b"From a@b Mon Jan  1 00:00:00 2026\n"
            + MAIL
            + b"x" * 300_000
            + b"\n\nFrom a@b Mon Jan  1 00:00:00 2026\nTo: x\n",
            "mailbox",
        ),
    ],
)
def test_refuses(tmp_path, octets, words):
    path = tmp_path / "x"
    path.write_bytes(octets)
    with pytest.raises(MessageError, match=words), open_source(str(path)):
        pass


def test_one_message_of_a_mailbox_is_a_message(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"From a@b Mon Jan  1 00:00:00 2026\n" + MAIL + b"\nFrom here it was 2026\nand on\n")
    with open_source(str(path)):
        pass


def test_a_directory(tmp_path):
    with pytest.raises(MessageError, match="directory"), open_source(str(tmp_path)):
        pass


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError), open_source(str(tmp_path / "none")):
        pass
