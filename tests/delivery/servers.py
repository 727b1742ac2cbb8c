"""Postfix and Dovecot on loopback, with a spool and configuration of their own, and a server beyond them."""

import shutil
import smtplib
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from pathlib import Path

POSTFIX = Path("/usr/sbin/postfix")
LDA = Path("/usr/lib/dovecot/dovecot-lda")
SIEVE_PLUGIN = Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")

MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
dovecot unix - n n - - pipe
  flags=DRhu user=nobody argv=/usr/bin/env USER=${{user}} HOME={base}/mail/${{user}} /usr/lib/dovecot/dovecot-lda -c {base}/etc/dovecot.conf -f ${{sender}} -a ${{original_recipient}}
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
maillog_file = {base}/log/mail.log
maillog_file_prefixes = {base}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.corp.example
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = corp.example
virtual_mailbox_maps = texthash:{base}/etc/boxes
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
relay_domains = other.example sender.example
transport_maps = texthash:{base}/etc/transport
smtp_tls_security_level = may
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_mynetworks, reject
smtpd_peername_lookup = no
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
bounce_queue_lifetime = 1d
"""
DOVECOT = """\
base_dir = {base}/dovecot
log_path = {base}/log/dovecot.log
ssl = no
first_valid_uid = 1
mail_location = maildir:~/Maildir
lda_mailbox_autocreate = yes
postmaster_address = postmaster@corp.example
protocol lda {{
  mail_plugins = sieve
}}
plugin {{
  sieve = {base}/etc/junk.sieve
}}
"""
SIEVE = """\
require ["fileinto", "mailbox"];
if header :contains "subject" "cheap" { fileinto :create "Junk"; stop; }
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Beyond(socketserver.ThreadingTCPServer):
    """A server that answers by the name of the recipient: full@ is refused for good, slow@ for now."""

    allow_reuse_address = True
    daemon_threads = True


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 beyond.other.example ESMTP\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            reply = b"250 2.0.0 Ok"
            if verb == b"RCPT":
                reply = b"250 2.1.5 Ok"
                if b"full@" in line:
                    reply = b"552 5.2.2 Mailbox full"
                if b"slow@" in line:
                    reply = b"451 4.3.0 Try again later"
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                reply = b"250 2.0.0 Ok: queued as 7EF01C2D3E"
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(reply + b"\r\n")


class Servers:
    def __init__(self):
        self.base = Path(tempfile.mkdtemp(prefix="mailtrace-servers-"))
        self.base.chmod(0o755)
        self.port = free_port()
        for name in ("etc", "spool", "data", "log", "mail", "dovecot"):
            (self.base / name).mkdir()
        shutil.chown(self.base / "data", "postfix")
        for user in ("bob", "eve"):
            (self.base / "mail" / user).mkdir()
            shutil.chown(self.base / "mail" / user, "nobody", "nogroup")
        (self.base / "log").chmod(0o777)
        self.beyond = Beyond(("127.0.0.1", 0), Session)
        threading.Thread(target=self.beyond.serve_forever, daemon=True).start()
        etc = self.base / "etc"
        words = {"base": self.base, "port": f"127.0.0.1:{self.port}"}
        (etc / "main.cf").write_text(MAIN.format(**words))
        (etc / "master.cf").write_text(MASTER.format(**words))
        (etc / "boxes").write_text("bob@corp.example x\neve@corp.example x\n")
        beyond = f"smtp:[127.0.0.1]:{self.beyond.server_address[1]}"
        (etc / "transport").write_text(f"other.example {beyond}\nsender.example {beyond}\n")
        (etc / "dovecot.conf").write_text(DOVECOT.format(**words))
        (etc / "junk.sieve").write_text(SIEVE)
        self._run(POSTFIX, "-c", etc, "start")
        self._wait_for(self.port)

    def _run(self, *command):
        done = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, (command, done.stdout, done.stderr)

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
        path = self.base / "log" / "mail.log"
        return path.read_text() if path.exists() else ""

    def send(self, message_id, *to, subject="Invoice"):
        date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        text = (
            f"From: ann@sender.example\r\nTo: {', '.join(to)}\r\nSubject: {subject}\r\nMessage-ID: {message_id}\r\n"
            f"Date: {date}\r\n\r\nHello.\r\n"
        )
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            return client.sendmail("ann@sender.example", to, text)

    def until(self, *words):
        """Wait until a line of the log holds all of the words."""
        for _ in range(200):
            if any(all(word in line for word in words) for line in self.log().splitlines()):
                return
            time.sleep(0.1)
        raise AssertionError((words, self.log()))

    def until_found(self, folder, text):
        """Wait until a file in such a folder holds the text."""
        for _ in range(200):
            files = [path for path in (self.base / "mail").rglob("*") if path.is_file() and folder in str(path)]
            if any(text in path.read_text(errors="replace") for path in files):
                return
            time.sleep(0.1)
        raise AssertionError((folder, text, self.log()))

    def stop(self):
        etc = self.base / "etc"
        subprocess.run([str(POSTFIX), "-c", str(etc), "stop"], capture_output=True, check=False, timeout=60)
        self.beyond.shutdown()
        self.beyond.server_close()
        shutil.rmtree(self.base, ignore_errors=True)
