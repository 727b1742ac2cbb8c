"""What all servers of the tests share: a folder, a free port, waiting for what they write, the message that is sent."""

import contextlib
import os
import shutil
import smtplib
import socket
import tempfile
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.ports import free_port

SECONDS = 60.0
"""How long anything is waited for: a machine may be busy."""


def need(*paths, root=True):
    """Skip, or fail where nothing may be skipped, if a binary is missing."""
    missing = [str(path) for path in paths if not Path(path).exists()]
    reason = f"not there: {', '.join(missing)}" if missing else None
    if reason is None and root and os.geteuid():
        reason = "these servers are started by root only"
    if reason is not None:
        give_up(reason)


def give_up(reason):
    """Skip for a reason, or fail where nothing may be skipped."""
    pytest.fail(reason) if os.environ.get("MAILTRACE_REQUIRE_ALL") == "1" else pytest.skip(reason)


class Closed:
    """A port that is kept, and on which nobody listens: every connection is refused."""

    def __init__(self):
        self.port = free_port()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", self.port))

    def stop(self):
        self._socket.close()


def wait_for(holds, told):
    """Wait until a condition holds; `told()` says what was seen instead."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Server:
    """A server with a folder of its own, and a log in it."""

    log_name = "mail.log"

    def __init__(self, name):
        self.name = name
        self.base = Path(tempfile.mkdtemp(prefix="mailtrace-"))
        self.base.chmod(0o755)
        for folder in ("etc", "log", "mail"):
            (self.base / folder).mkdir()
        (self.base / "log").chmod(0o777)

    @property
    def log_path(self):
        return self.base / "log" / self.log_name

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def until(self, *words):
        """Wait until a line of the log holds all of the words; return it."""
        return self.until_times(1, *words)[0]

    def until_times(self, times, *words):
        """Wait until so many lines of the log hold all of the words; return them."""
        found = []

        def holds():
            found[:] = [line for line in self.log().splitlines() if all(word in line for word in words)]
            return len(found) >= times

        wait_for(holds, lambda: (words, self.log()[-4000:]))
        return found

    def boxes(self, *users, owner="nobody", group="nogroup"):
        for user in users:
            (self.base / "mail" / user).mkdir()
            shutil.chown(self.base / "mail" / user, owner, group)

    def until_found(self, folder, text):
        """Wait until a file in such a folder of a mailbox holds the text."""

        def holds():
            for path in (self.base / "mail").rglob("*"):
                with contextlib.suppress(FileNotFoundError):
                    if folder in str(path) and path.is_file() and text in path.read_text(errors="replace"):
                        return True
            return False

        wait_for(holds, lambda: (folder, text, self.log()[-4000:]))

    def remove(self):
        shutil.rmtree(self.base, ignore_errors=True)


def message(message_id, *to, subject="Invoice", sender="ann@sender.example"):
    return (
        f"From: {sender}\r\nTo: {', '.join(to)}\r\nSubject: {subject}\r\nMessage-ID: {message_id}\r\n"
        f"Date: {formatdate()}\r\n\r\nHello.\r\n"
    )


def send(port, message_id, *to, subject="Invoice", sender="ann@sender.example"):
    """Give a message to a server; return whom it refused."""
    with smtplib.SMTP("127.0.0.1", port, timeout=SECONDS) as client:
        return client.sendmail(sender, to, message(message_id, *to, subject=subject, sender=sender))
