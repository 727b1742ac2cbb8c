"""IMAP servers on loopback: Dovecot with a mailbox of its own, and one that says what a test tells it to."""

import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests import certificates
from tests.ports import free_port

DOVECOT = Path("/usr/sbin/dovecot")
DOVEADM = Path("/usr/bin/doveadm")
IMAP = Path("/usr/lib/dovecot/imap")
USER, PASSWORD = "bob@corp.example", "Grüße, Geheimnis"

CONFIGURATION = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log/dovecot.log
protocols = imap
listen = 127.0.0.1
first_valid_uid = 1
mail_location = maildir:{base}/mail/%u
ssl = yes
ssl_cert = <{base}/etc/server.pem
ssl_key = <{base}/etc/server.key
auth_failure_delay = 0
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {base}/etc/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={base}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Werbung {{
    special_use = \\Junk
  }}
  mailbox Weg {{
    special_use = \\Trash
  }}
  mailbox Ausgang {{
    special_use = \\Sent
  }}
}}
plugin {{
  acl = vfile
}}
mail_plugins = acl
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
"""


def missing():
    """Say why Dovecot cannot be started; None if it can."""
    lacking = [str(path) for path in (DOVECOT, DOVEADM, IMAP) if not path.exists()]
    if lacking:
        return f"not there: {', '.join(lacking)}"
    return "Dovecot is started by root only" if os.geteuid() else None


def skip_without_client():
    """Skip, or fail where nothing may be skipped, without the extra `imap`."""
    if os.environ.get("MAILTRACE_REQUIRE_ALL") != "1":
        pytest.importorskip("imapclient")


class Dovecot:
    """Dovecot's IMAP server, over TLS and with STARTTLS, for one user."""

    def __init__(self):
        self.base = Path(tempfile.mkdtemp(prefix="mailtrace-imap-"))
        self.base.chmod(0o755)
        for name in ("etc", "run", "state", "log", "mail"):
            (self.base / name).mkdir()
        shutil.chown(self.base / "mail", "nobody", "nogroup")
        self.port, self.plain_port = free_port(), free_port()
        etc = certificates.write(self.base / "etc", "imap.test")
        self.authority, self.other_authority = str(etc / "ca.pem"), str(etc / "other.pem")
        (etc / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
        self.configuration = etc / "dovecot.conf"
        self.configuration.write_text(
            CONFIGURATION.format(base=self.base, plain=self.plain_port, tls=self.port), encoding="utf-8"
        )
        self.process = subprocess.Popen(
            [str(DOVECOT), "-F", "-c", str(self.configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for port in (self.port, self.plain_port):
            self._wait_for(port)
        self.url = f"imaps://{USER}@127.0.0.1:{self.port}/"

    def _wait_for(self, port):
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"nobody listens on {port}: {self.log()}")

    def log(self):
        path = self.base / "log" / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def doveadm(self, *arguments, given=None):
        done = subprocess.run(
            [str(DOVEADM), "-c", str(self.configuration), *arguments],
            input=given, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stdout, done.stderr, self.log())
        return done.stdout.decode()

    def create(self, *folders):
        self.doveadm("mailbox", "create", "-u", USER, *folders)

    def save(self, text, folder="INBOX"):
        self.doveadm("save", "-u", USER, "-m", folder, given=text.encode())

    def deny(self, folder):
        """Let the owner see that a folder is there, and no more."""
        (self.base / "mail" / USER / f".{folder}" / "dovecot-acl").write_text("owner l\n")

    def state(self):
        """Return every flag of every message, and every file of the mailbox with its name, which holds the flags."""
        flags = self.doveadm("-f", "tab", "fetch", "-u", USER, "mailbox uid flags", "ALL")
        mail = self.base / "mail" / USER
        files = sorted(str(path.relative_to(mail)) for part in ("cur", "new") for path in mail.rglob(f"{part}/*"))
        return flags, files

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=60)
        shutil.rmtree(self.base, ignore_errors=True)


DONE = b"TAG OK done\r\n"


class Fake:
    """A server of the messages of some folders, whose answers a test replaces.

    `folders`: the name as on the wire -> its messages, whose UIDs begin at 100. `answers`: a regular expression -> what
    is sent for a command that it fits: octets, with `TAG` in them replaced; a function of the session; None to hang up.
    `context`: TLS, begun by STARTTLS. What clients say is in `commands`.
    """

    def __init__(self, folders=None, answers=None, *, greeting=b"* OK ready\r\n", attributes=None, context=None):
        self.folders = folders if folders is not None else {"INBOX": []}
        self.answers = answers or {}
        self.greeting = greeting
        self.attributes = attributes or {}
        self.context = context
        self.commands = []
        self.server = _Server(("127.0.0.1", 0), _Session)
        self.server.fake = self
        self.port = self.server.server_address[1]
        self.url = f"imap://bob@127.0.0.1:{self.port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def verbs(self):
        return {re.sub(r"\AUID ", "UID_", command).split(" ")[0] for command in self.commands}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, address):
        """A client that goes away in the middle is what some tests are about."""


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.fake, self.open = self.server.fake, []
        self.wfile.write(self.fake.greeting)
        while line := self.rfile.readline():
            tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
            self.fake.commands.append(command)
            form = next((form for form in self.fake.answers if re.match(form, command)), None)
            answer = self._answer(command) if form is None else self.fake.answers[form]
            if callable(answer):
                answer = answer(self)
            if answer is None:
                return
            self.wfile.write(answer.replace(b"TAG", tag.encode()))
            if command == "STARTTLS" and self.fake.context is not None:
                self.connection = self.fake.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def finish(self):
        super().finish()
        self.connection.close()  # of TLS, where it was begun: nobody else knows it

    def _answer(self, command):
        verb = command.replace("UID ", "UID_").split(" ")[0].lower()
        return getattr(self, f"_{verb}", lambda _: b"TAG BAD what?\r\n")(command)

    def _capability(self, _):
        starttls = b" STARTTLS" if self.fake.context is not None else b""
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN" + starttls + b"\r\nTAG OK done\r\n"

    def _starttls(self, _):
        return DONE

    def _authenticate(self, _):
        self.wfile.write(b"+ \r\n")
        self.rfile.readline()
        return DONE

    def _login(self, _):
        return DONE

    def _logout(self, _):
        return b"* BYE bye\r\nTAG OK done\r\n"

    def _list(self, _):
        lines = []
        for name in self.fake.folders:
            octets, attributes = name.encode(), self.fake.attributes.get(name, "").encode()
            lines.append(b'* LIST (%s) "/" {%d}\r\n%s\r\n' % (attributes, len(octets), octets))
        return b"".join(lines) + DONE

    def _examine(self, command):
        name = command.partition(" ")[2].strip('"')
        if name not in self.fake.folders:
            return b"TAG NO no such folder\r\n"
        self.open = self.fake.folders[name]
        return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK [READ-ONLY] done\r\n" % len(self.open)

    def _uid_search(self, _):
        return b"* SEARCH%s\r\nTAG OK done\r\n" % b"".join(b" %d" % (100 + at) for at in range(len(self.open)))

    def _uid_fetch(self, command):
        numbers, items = re.fullmatch(r"UID FETCH ([\d,]+) \((.*)\)", command).groups()
        there = [uid for uid in map(int, numbers.split(",")) if 0 <= uid - 100 < len(self.open)]
        if items == "FLAGS":
            return b"".join(b"* %d FETCH (FLAGS (\\Seen) UID %d)\r\n" % (uid - 99, uid) for uid in there) + DONE
        start, size = map(int, re.search(r"<(\d+)\.(\d+)>", items).groups())
        section = "HEADER" if "[HEADER]" in items else ""
        out = []
        for uid in there:
            octets = self.open[uid - 100]
            part = octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if section else octets
            part = part[start : start + size]
            out.append(
                b'* %d FETCH (UID %d FLAGS (\\Seen $Forwarded) INTERNALDATE "20-Oct-2026 10:00:02 +0000" RFC822.SIZE %d '
                b"BODY[%s]<%d> {%d}\r\n%s)\r\n" % (uid - 99, uid, len(octets), section.encode(), start, len(part), part)
            )
        return b"".join(out) + DONE


def context_of(folder):
    """Return TLS for a server, of the certificates in a folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context
