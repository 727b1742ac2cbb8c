"""Files, mailboxes, directories, archives and pipes: what they give, in which order, and what is said of the rest."""

import bz2
import gzip
import io
import lzma
import os
import pathlib
import threading
import zipfile
import zlib

import pytest

from mailtrace.errors import MessageError
from mailtrace.sources import Reader, SourceFault, open_source

MAIL = b"From: a@b.example\n\nbody\n"
BOX = b"".join(
    b"From a@b.example Tue Oct 20 10:00:0%d 2026\nFrom: a@b.example\nSubject: %d\n\nbody\n\n" % (n, n) for n in range(3)
)
INSIDE = [b"From: a@b.example\nSubject: %d\n\nbody\n" % n for n in range(3)]


def octets(raw):
    raw.file.seek(0)
    return raw.file.read()


def read(name, stdin=None):
    """Read everything: octets of messages, words of faults."""
    return [item.message if isinstance(item, SourceFault) else octets(item) for item in Reader(str(name), stdin)]


def facts(name, stdin=None):
    return [(str(raw.kind), raw.position, raw.member, raw.flags) for raw in Reader(str(name), stdin)]


@pytest.fixture
def write(tmp_path):
    def write(name, content=MAIL):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def test_a_file(write):
    path = write("a.eml")
    assert (facts(path), read(path)) == ([("eml", 0, None, None)], [MAIL])


def test_a_mailbox(write):
    path = write("box", BOX)
    assert read(path) == INSIDE
    assert facts(path) == [("mbox", n, None, None) for n in range(3)]


def test_where_a_worker_finds_a_message_again(write):
    for path in (write("box", BOX), write("a.eml"), write("a.emlx", b"%d\n%s<?xml?>" % (len(MAIL), MAIL))):
        for raw in Reader(str(path)):
            with pathlib.Path(raw.place.path).open("rb") as file:
                file.seek(raw.place.start)
                assert file.read(-1 if raw.place.end is None else raw.place.end - raw.place.start) == octets(raw)


def test_an_emlx(write):
    path = write("1.emlx", b"%-10d\n%s<?xml version='1.0'?>" % (len(MAIL), MAIL))
    assert (facts(path), read(path)) == ([("emlx", 0, None, None)], [MAIL])


def test_an_emlx_whose_message_quotes_a_mailbox(write):
    mail = b"From: a@b.example\n\nAn excerpt:\n\n" + BOX
    assert read(write("1.emlx", b"%d\n%s<?xml version=" % (len(mail), mail))) == [mail]


def test_an_emlx_that_is_cut_off(write):
    (words,) = read(write("1.emlx", b"%d\n%s" % (len(MAIL) + 1, MAIL)))
    assert "cut off" in words


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize(("content", "expected"), [(MAIL, [MAIL]), (BOX, INSIDE)], ids=["eml", "mbox"])
def test_packed(write, packer, content, expected):
    path = write(f"x.{packer}", PACKERS[packer](content))
    assert read(path) == expected
    assert all(raw.place is None for raw in Reader(str(path)))


@pytest.mark.parametrize("packer", PACKERS)
def test_packed_and_cut_off_gives_what_came_before(write, packer):
    box = b"".join(
        b"From a@b Tue Oct 20 10:00:00 2026\nSubject: %d\n\n%s\n\n" % (n, os.urandom(30_000).hex().encode())
        for n in range(30)
    )
    whole = PACKERS[packer](box)
    *given, words = read(write("x", whole[: len(whole) // 2]))
    assert "cannot be unpacked" in words
    assert all(isinstance(one, bytes) and one.startswith(b"Subject:") for one in given)


def several(count, size=30_000):
    return b"".join(
        b"From a@b Tue Oct 20 10:00:00 2026\nSubject: %d\n\n%s\n\n" % (n, os.urandom(size).hex().encode())
        for n in range(count)
    )


def test_of_what_was_unpacked_before_a_fault_nothing_is_lost(write):
    """All that unpacks is given, to the last message that is whole, however much was asked for at once."""
    box = several(30)
    packed = gzip.compress(box)[:-500_000]
    there = zlib.decompressobj(wbits=31).decompress(packed)
    *given, words = read(write("x", packed))
    assert len(given) == there.count(b"From a@b") - 1 > 10
    assert words.startswith("a gzip file that cannot be unpacked to its end: ")


def test_an_archive_whose_member_is_damaged_gives_what_came_before(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("box", several(30))
        archive.writestr("a.eml", MAIL)
    octets = bytearray((tmp_path / "x.zip").read_bytes())
    octets[1_500_000] ^= 1
    (tmp_path / "x.zip").write_bytes(octets)
    *given, words, last = read(tmp_path / "x.zip")
    # The last one ends with the octets at which the checksum is found wrong.
    assert (len(given), last) == (29, MAIL)
    assert words.startswith("a zip file that cannot be unpacked to its end: Bad CRC-32")


@pytest.mark.parametrize(("content", "expected"), [(MAIL, [MAIL]), (BOX, INSIDE)], ids=["eml", "mbox"])
def test_something_behind_whole_gzip_data_is_told_and_costs_no_message(write, content, expected):
    *given, words = read(write("x.gz", gzip.compress(content) + b"something else"))
    assert given == expected
    assert words.startswith("a gzip file that cannot be unpacked to its end: Not a gzipped file")
    assert read(write("x.gz", gzip.compress(content) + b"\0" * 512)) == expected  # a tape pads so


def test_a_wrong_checksum_is_no_end(write):
    packed = bytearray(gzip.compress(BOX))
    packed[-6] ^= 1
    *given, words = read(write("x.gz", bytes(packed)))
    assert given == INSIDE[:-1]
    assert "CRC check failed" in words


def test_a_mark_in_front_of_a_mailbox(write):
    assert read(write("box", b"\xef\xbb\xbf" + BOX)) == INSIDE
    assert read(write("box.gz", gzip.compress(b"\xef\xbb\xbf" + BOX))) == INSIDE


def test_several_gzip_members_are_one_stream(write):
    half = len(BOX) // 2
    assert read(write("x.gz", gzip.compress(BOX[:half]) + gzip.compress(BOX[half:]))) == INSIDE


def test_packed_again_and_again(write):
    content = MAIL
    for _ in range(3):
        content = gzip.compress(content)
    assert read(write("x", content)) == [MAIL]
    for _ in range(5):
        content = gzip.compress(content)
    (words,) = read(write("x", content))
    assert "packed more than" in words


def test_a_zip_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/box", BOX)
        archive.writestr("a.eml", MAIL)
        archive.writestr("picture.jpg", b"\x00\x01\x02 no mail")
        archive.writestr("empty/", b"")
    reader = Reader(str(tmp_path / "x.zip"))
    found = [(raw.member, str(raw.kind), raw.position) for raw in reader]
    assert found == [("b/box", "mbox", 0), ("b/box", "mbox", 1), ("b/box", "mbox", 2), ("a.eml", "eml", 3)]
    assert reader.passed_over == 1
    assert read(tmp_path / "x.zip") == [*INSIDE, MAIL]


def test_an_archive_that_is_none(write):
    (words,) = read(write("x.zip", b"PK\x03\x04 and no more"))
    assert words.startswith("a zip archive that cannot be read")


def test_a_maildir_with_folders_and_flags(write, tmp_path):
    for name in (
        "box/cur/2.host:2,FS",
        "box/cur/1.host:2,",
        "box/new/3.host",
        "box/tmp/4.host",
        "box/.Junk/cur/5.host:2,S",
        "box/.Junk/tmp/6",
        "box/dovecot.index",
    ):
        write(name)
    (tmp_path / "box/.Junk/new").mkdir()
    assert facts(tmp_path / "box") == [
        ("maildir", 0, "cur/1.host:2,", ""),
        ("maildir", 1, "cur/2.host:2,FS", "FS"),
        ("maildir", 2, "new/3.host", None),
        ("maildir", 3, ".Junk/cur/5.host:2,S", "S"),
    ]


def test_mail_that_a_server_keeps_packed_in_a_maildir(write, tmp_path):
    write("box/cur/1.host:2,S", gzip.compress(MAIL))
    (tmp_path / "box/new").mkdir()
    assert (facts(tmp_path / "box"), read(tmp_path / "box")) == ([("maildir", 0, "cur/1.host:2,S", "S")], [MAIL])


def test_mh_in_the_order_of_its_numbers(write, tmp_path):
    for name in ("10", "9", "101", ".mh_sequences", "inner/1", ",8"):
        write(f"mh/{name}")
    assert [member for _, _, member, _ in facts(tmp_path / "mh")] == ["9", "10", "101", "inner/1"]
    assert {kind for kind, *_ in facts(tmp_path / "mh")} == {"mh"}


def test_a_tree_of_files(write, tmp_path):
    write("tree/b.eml")
    write("tree/a/box", BOX)
    write("tree/notes.txt", b"just a note, with no field at all\n")
    write("tree/empty", b"")
    write("tree/.hidden", MAIL)
    reader = Reader(str(tmp_path / "tree"))
    assert [raw.member for raw in reader] == ["a/box", "a/box", "a/box", "b.eml"]
    assert reader.passed_over == 2


def test_links_to_directories_are_not_followed(write, tmp_path):
    write("tree/a.eml")
    (tmp_path / "tree/loop").symlink_to(tmp_path / "tree")
    assert [raw.member for raw in Reader(str(tmp_path / "tree"))] == ["a.eml"]


def test_one_file_that_cannot_be_read_is_one_fault(write, tmp_path, monkeypatch):
    write("tree/a.eml")
    write("tree/b.eml")
    original = type(tmp_path).open

    def refusing(self, *arguments, **more):
        if self.name == "a.eml":
            raise PermissionError(13, "Permission denied")
        return original(self, *arguments, **more)

    monkeypatch.setattr(type(tmp_path), "open", refusing)
    fault, raw = Reader(str(tmp_path / "tree"))
    assert (fault.message, fault.member, fault.is_missing, raw.member) == ("Permission denied", "a.eml", True, "b.eml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"!BDN", "pst"),
        (b"\x1f\x8b\x08 no more", "cannot be unpacked"),
    ],
)
def test_what_is_refused_in_words(write, content, words):
    (said,) = read(write("x", content))
    assert words in said


def test_no_such_file(tmp_path):
    (fault,) = Reader(str(tmp_path / "none"))
    assert (fault.is_missing, fault.message) == (True, "No such file or directory")


@pytest.mark.parametrize(
    ("content", "expected"),
    [(MAIL * 100_000, [MAIL * 100_000]), (BOX, INSIDE), (gzip.compress(BOX, mtime=0), INSIDE)],
    ids=["eml", "mbox", "gzip"],  # what is packed must not name a test: it may differ from one process to the next
)
def test_standard_input_holds_whatever_a_file_may(content, expected):
    assert read("-", io.BytesIO(content)) == expected


def test_a_pipe_that_cannot_be_sought(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(BOX,))
    writer.start()
    assert read(path) == INSIDE
    writer.join()


def test_a_pipe_is_bounded(monkeypatch):
    monkeypatch.setattr("mailtrace.sources.spool.SPOOL_LIMIT", 10)
    (words,) = read("-", io.BytesIO(MAIL))
    assert "more than 10 octets" in words


def test_a_message_in_a_packed_mailbox_is_bounded(write, monkeypatch):
    monkeypatch.setattr("mailtrace.sources.reading.SPOOL_LIMIT", 500_000)
    box = b"From a@b Tue Oct 20 10:00:00 2026\nSubject: x\n\n" + b"x" * 2_000_000
    (words,) = read(write("x.gz", gzip.compress(box)))
    assert "more than 500000 octets" in words


def test_a_length_that_leads_too_far_costs_no_message_of_a_packed_mailbox(write, monkeypatch):
    monkeypatch.setattr("mailtrace.sources.reading.SPOOL_LIMIT", 2_000_000)
    line = b"From a@b Tue Oct 20 10:00:00 2026\n"
    messages = [b"Subject: x\nContent-Length: 99999999999999\n\nx\n", *[b"Subject: y\n\n" + b"y" * 99_998 + b"\n"] * 50]
    box = b"".join(line + one + b"\n" for one in messages)
    assert len(read(write("x.gz", gzip.compress(box)))) == len(messages)


def test_a_directory_that_cannot_be_read_costs_nothing_of_the_others(tmp_path, monkeypatch):
    for name in "abc":
        (tmp_path / "d" / name).mkdir(parents=True)
        (tmp_path / "d" / name / "1.eml").write_bytes(MAIL)
    scandir = os.scandir

    def refused(directory):
        if pathlib.Path(directory).name == "b":
            raise PermissionError(13, "Permission denied")
        return scandir(directory)

    monkeypatch.setattr(os, "scandir", refused)
    assert read(tmp_path / "d") == [MAIL, "Permission denied", MAIL]
    assert [item.member for item in Reader(str(tmp_path / "d"))] == ["a/1.eml", "b", "c/1.eml"]


def test_a_member_of_an_archive_that_is_too_large_costs_no_other(write, monkeypatch):
    monkeypatch.setattr("mailtrace.sources.spool.SPOOL_LIMIT", 10_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in (("1.eml", MAIL), ("2.eml", MAIL + b"x" * 20_000), ("3.eml", MAIL)):
            made.writestr(name, content)
    first, words, last = read(write("x.zip", buffer.getvalue()))
    assert (first, last) == (MAIL, MAIL)
    assert "more than 10000 octets" in words
    assert [item.member for item in Reader(str(write("x.zip", buffer.getvalue())))] == ["1.eml", "2.eml", "3.eml"]


def test_the_one_message_of_a_source(write):
    with open_source(str(write("a.eml"))) as raw:
        assert octets(raw) == MAIL
    with pytest.raises(MessageError, match="empty"), open_source(str(write("x", b""))):
        pass
    with pytest.raises(FileNotFoundError), open_source("nosuch"):
        pass
    path = write("tree/x", b"no mail\n")
    with pytest.raises(MessageError, match="no message in it"), open_source(str(path.parent)):
        pass
