"""Dovecot on loopback: its delivery agent that Postfix starts (LDA), and its LMTP server, with Sieve."""

import shutil
import subprocess
from pathlib import Path

from tests.delivery.servers.common import Server, listens, wait_for
from tests.ports import free_port

DOVECOT = Path("/usr/sbin/dovecot")
LDA = Path("/usr/lib/dovecot/dovecot-lda")
LMTP = Path("/usr/lib/dovecot/lmtp")
IMAP = Path("/usr/lib/dovecot/imap")
SIEVE_PLUGIN = Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")

PASSWORD = "of-a-test"

COMMON = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log/dovecot.log
ssl = no
first_valid_uid = 1
mail_location = maildir:~/Maildir
postmaster_address = postmaster@corp.example
hostname = mx.corp.example
submission_host = 127.0.0.1:{submission}
recipient_delimiter = +
mail_plugins = quota
plugin {{
  sieve = {base}/etc/rules.sieve
  quota = maildir:User quota
  mail_log_events = delete undelete expunge copy
  mail_log_fields = uid box msgid size
}}
"""
AS_LDA = """\
lda_mailbox_autocreate = yes
protocol lda {{
  mail_plugins = sieve
}}
"""
AS_SERVER = """\
protocols = lmtp imap
disable_plaintext_auth = no
listen = 127.0.0.1
lda_mailbox_autocreate = yes
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = username_format=%n {base}/etc/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {base}/etc/users
}}
protocol lmtp {{
  mail_plugins = $mail_plugins {plugins}
}}
protocol imap {{
  mail_plugins = $mail_plugins notify mail_log
}}
"""
SIEVE = """\
require ["fileinto", "mailbox", "copy", "reject", "duplicate", "envelope"];
if header :contains "subject" "cheap" { fileinto :create "Junk"; stop; }
if header :contains "subject" "invoice for" { fileinto :create "Bills.2026"; stop; }
if header :contains "subject" "news" { discard; stop; }
if allof (header :contains "subject" "once", duplicate) { discard; stop; }
if header :contains "subject" "viagra" { reject "Not wanted here"; stop; }
if allof (header :contains "subject" "for eve", envelope :localpart "to" "bob") { redirect "eve@corp.example"; stop; }
"""


class Dovecot(Server):
    """Mailboxes with rules; `start` starts the LMTP server, without it only the delivery agent is of use.

    `submission`: the port to which rules send what they forward or return. The user `full` has no room for anything.
    """

    log_name = "dovecot.log"

    def __init__(self, name, *users, submission=25, plugins="sieve"):
        super().__init__(name)
        self.port, self.imap_port = free_port(), free_port()
        self._process = None
        self.boxes(*users)
        words = {
            "base": self.base,
            "port": self.port,
            "imap_port": self.imap_port,
            "submission": submission,
            "plugins": plugins,
        }
        etc = self.base / "etc"
        (etc / "lda.conf").write_text((COMMON + AS_LDA).format(**words))
        (etc / "server.conf").write_text((COMMON + AS_SERVER).format(**words))
        (etc / "rules.sieve").write_text(SIEVE)
        shutil.chown(etc, "nobody", "nogroup")  # the compiled rules are kept beside them
        home = self.base / "mail"
        limits = {"full": "userdb_quota_rule=*:bytes=10"}
        lines = (f"{user}:{{PLAIN}}{PASSWORD}:65534:65534::{home}/{user}::{limits.get(user, '')}\n" for user in users)
        (etc / "users").write_text("".join(lines))

    def lda(self):
        """Return the service by which Postfix hands over a message to the delivery agent."""
        return (
            "dovecot unix - n n - - pipe\n"
            f"  flags=DRhu user=nobody argv=/usr/bin/env USER=${{{{user}}}} HOME={self.base}/mail/${{{{user}}}} {LDA} "
            f"-c {self.base}/etc/lda.conf -f ${{{{sender}}}} -a ${{{{original_recipient}}}}\n"
        )

    def start(self):
        said = self.base / "log" / "start"
        with said.open("wb") as output:
            command = [str(DOVECOT), "-F", "-c", str(self.base / "etc" / "server.conf")]
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        wait_for(lambda: listens(self.port), lambda: f"nobody listens: {said.read_text()} {self.log()}")
        return self

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.remove()
