"""Postfix on loopback: an instance with a spool and a configuration of its own."""

import shutil
import subprocess
from pathlib import Path

from tests.delivery.servers.common import Server, listens, send, wait_for
from tests.ports import free_port

POSTFIX = Path("/usr/sbin/postfix")

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
# A refusal is tried again after two seconds: nobody waits long in a test, and the wait is seen in times of whole seconds.
MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
maillog_file = {base}/log/mail.log
maillog_file_prefixes = {base}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.1
myhostname = {name}
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtpd_peername_lookup = no
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 1s
transport_retry_time = 1s
bounce_queue_lifetime = 1d
"""


class Postfix(Server):
    """An instance of Postfix. `main` and `master` are added to its configuration, `maps` are tables in its `etc`."""

    def __init__(self, name, *, main="", master="", **maps):
        super().__init__(name)
        self.port = free_port()
        self.etc = self.base / "etc"
        for folder in ("spool", "data"):
            (self.base / folder).mkdir()
        shutil.chown(self.base / "data", "postfix")
        words = {"base": self.base, "name": name, "port": self.port}
        (self.etc / "main.cf").write_text((MAIN + main).format(**words))
        (self.etc / "master.cf").write_text((MASTER + master).format(**words))
        for table, lines in maps.items():
            self.table(table, *lines)

    def table(self, name, *lines):
        """Write a table, `texthash:{base}/etc/NAME`."""
        (self.etc / name).write_text("".join(f"{line}\n" for line in lines))

    def start(self):
        self._run("start")
        wait_for(lambda: listens(self.port), lambda: f"nobody listens on {self.port}: {self.log()}")
        return self

    def _run(self, command):
        call = [str(POSTFIX), "-c", str(self.etc), command]
        done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, (call, done.stdout, done.stderr)

    def send(self, message_id, *to, subject="Invoice", sender="ann@sender.example"):
        return send(self.port, message_id, *to, subject=subject, sender=sender)

    def queue_id(self, message_id):
        """Return the queue id that it gave a message; waits until it has it."""
        return self.until("cleanup", f"message-id={message_id}").split(": ")[1]

    def until_tried(self, message_id, recipient, status="sent"):
        """Wait until a try to deliver a message has ended so; return the line."""
        return self.until(f"{self.queue_id(message_id)}: to=<{recipient}>", f"status={status}")

    def until_told(self, message_id):
        """Wait until a bounce of a message is with its sender."""
        notice = self.until(f"{self.queue_id(message_id)}: sender non-delivery notification: ").split(": ")[-1]
        self.until(f"{notice}: to=<", "status=sent")

    def stop(self):
        call = [str(POSTFIX), "-c", str(self.etc), "stop"]
        subprocess.run(call, capture_output=True, check=False, timeout=60)
        self.remove()
