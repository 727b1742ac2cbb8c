"""What only a process shows: pipes that close, disks that are full, interruptions, servers that do not help."""

import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading

import pytest

FULL = pathlib.Path("/dev/full")
COMMANDS = [
    ("--help",),
    ("--version",),
    ("schema",),
    ("explain",),
    ("analyze", "--help"),
    ("analyze", "--offline", "good.eml"),
    ("analyze", "--offline", "--jsonl", *["good.eml"] * 40),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_closed_pipe_ends_quietly(start, arguments):
    read, write = os.pipe()
    os.close(read)
    process = start(*arguments, stdout=write)
    os.close(write)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, b"")


def test_a_reader_that_takes_one_line(start):
    process = start("analyze", "--offline", "--jsonl", *["good.eml"] * 200)
    assert json.loads(process.stdout.readline())["source"]["name"] == "good.eml"
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, b"")


def test_errors_that_nobody_reads(start):
    read, write = os.pipe()
    os.close(read)
    process = start("analyze", "--offline", "nosuch", stderr=write)
    os.close(write)
    output, _ = process.communicate(timeout=120)
    assert (process.returncode, output) == (66, b"")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk(start, arguments):
    with FULL.open("wb") as full:
        process = start(*arguments, stdout=full)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 74
    assert errors == b"mailtrace: standard output: No space left on device\n"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_for_a_file(shell):
    status, output, errors = shell("analyze", "--offline", "--output", FULL, "good.eml")
    assert (status, output) == (74, "")
    assert errors == "mailtrace: /dev/full: No space left on device\n"


def test_standard_output_that_is_closed(start):
    process = start("analyze", "--offline", "good.eml", stdout=None, preexec_fn=lambda: os.close(1))
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (74, b"mailtrace: standard output is closed\n")


def interrupted(process):
    """Press Ctrl-C; once more if it fell between Python's last look at signals and the system's read, and was lost."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("it cannot be interrupted")


def test_an_interruption(start, folder):
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    process = start("analyze", "--offline", "--jsonl", "good.eml", fifo)
    with fifo.open("wb") as pipe:
        # More than a pipe holds: when it is written, the program is reading, and waits for the rest.
        pipe.write(bytes(300_000))
        pipe.flush()
        output, errors = interrupted(process)
    assert process.returncode == 130
    assert errors == b"mailtrace: interrupted\n"
    assert json.loads(output)["source"]["name"] == "good.eml"


def test_an_output_that_is_not_utf8(start, folder):
    message = (folder / "good.eml").read_bytes().replace(b"Hello\r", "Grüße 安\r".encode())
    (folder / "umlaut.eml").write_bytes(message)
    process = start("analyze", "--offline", "umlaut.eml", encoding="ascii")
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (11, b"")
    assert "Gr\\xfc\\xdfe \\u5b89" in output.decode("ascii")


class NameServer:
    """A DNS server on loopback that answers every question over UDP with the same response code, or not at all."""

    def __init__(self, rcode):
        self.rcode = rcode
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            if not query:
                return
            if self.rcode is not None:
                # RFC 1035 §4.1.1: QR, RD and RA set; everything else as it was asked
                self.socket.sendto(query[:2] + struct.pack(">H", 0x8180 | self.rcode) + query[4:], peer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


@pytest.mark.server
def test_a_resolver_that_refuses(shell):
    with NameServer(5) as server:
        status, output, errors = shell("analyze", "--json", "--resolver", server.address, "good.eml")
    assert status == 69
    assert json.loads(output)["verdict"]["authenticity"] == "indeterminate"
    (line,) = errors.splitlines()
    assert line.startswith("mailtrace: --resolver: ")
    assert server.address.rpartition(":")[2] in line


@pytest.mark.server
def test_a_resolver_that_is_not_there(shell):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    status, _, errors = shell("analyze", "--resolver", address, "--timeout", "5", "good.eml")
    assert (status, len(errors.splitlines())) == (69, 1)


@pytest.mark.server
def test_a_resolver_that_never_answers(shell):
    with NameServer(None) as server:
        status, output, errors = shell("analyze", "--json", "--timeout", "3", "--resolver", server.address, "good.eml")
    assert status == 11
    assert json.loads(output)["dns"]["unanswered"] > 0
    (line,) = errors.splitlines()
    assert line.startswith("mailtrace: --resolver: ")


@pytest.mark.server
def test_what_was_recorded_can_be_played(shell, folder):
    with NameServer(3) as server:
        live = shell("analyze", "--json", "--record", "new.json", "--resolver", server.address, "good.eml")
    played = shell("analyze", "--json", "--dns", "new.json", "good.eml")
    assert live[0] == played[0]
    assert (live[2], played[2]) == ("", "")
    first, second = json.loads(live[1]), json.loads(played[1])
    assert first["verdict"]["authenticity"] == second["verdict"]["authenticity"]
    assert first["authentication"] == second["authentication"]
    assert {"rcode": "NXDOMAIN"}.items() <= json.loads((folder / "new.json").read_text())["answers"]["example.com"][
        "TXT"
    ].items()


@pytest.mark.server
def test_a_recording_that_cannot_be_written(shell):
    with NameServer(3) as server:
        status, output, errors = shell(
            "analyze", "--json", "--record", "nosuch/new.json", "--resolver", server.address, "good.eml"
        )
    assert status == 74
    assert json.loads(output)["source"]["name"] == "good.eml"
    assert errors.startswith("mailtrace: nosuch/new.json: ")
