"""Exim on loopback: a configuration, a spool and a copy of the binary of its own.

Exim runs with the rights of whoever started it: as root it takes those of the user it was built for (and Debian's
package makes), otherwise it keeps the caller's. It starts itself anew for each delivery, and reads a configuration
named by `-C` with full rights only if root started it: `deliver_drop_privilege` makes that unnecessary. The copy is
there because that user may not be let into the folder of the binary, and is never setuid.
"""

import getpass
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tests.delivery.servers.common import Server, give_up, listens, send, wait_for
from tests.ports import free_port

BUILT_FOR = "Debian-exim"

CONFIGURATION = """\
exim_path = {base}/exim
exim_user = {user}
exim_group = {group}
spool_directory = {base}/spool
log_file_path = {base}/log/%slog
pid_file_path = {base}/exim.pid
primary_hostname = {name}
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
deliver_drop_privilege
keep_environment =
qualify_domain = corp.example
never_users =
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = check_recipient
acl_smtp_data = check_message
queue_run_in_order
log_selector = +smtp_protocol_error +smtp_syntax_error +tls_certificate_verified +tls_peerdn
tls_advertise_hosts = *
tls_certificate = {base}/etc/server.pem
disable_ipv6
domainlist local_domains = corp.example
domainlist relay_domains = {relay_domains}

begin acl

check_recipient:
  deny    local_parts = nobody
          domains = +local_domains
          message = no such user here
  defer   local_parts = grey
          domains = +local_domains
          message = greylisted, please try again later
  defer   local_parts = slow
          domains = +local_domains
          message = try again later
  accept  domains = +local_domains : +relay_domains
  deny    message = relay not permitted

check_message:
  deny    condition = ${{if match{{$h_subject:}}{{viagra}}}}
          message = this looks like spam
  accept

begin routers

forward:
  driver = redirect
  domains = +local_domains
  local_parts = info
  data = bob@corp.example

beyond:
  driver = manualroute
  domains = +relay_domains
  route_data = ${{lookup{{$domain}}lsearch{{{base}/etc/routes}}}}
  transport = remote
  self = send
  hosts_randomize = no

junk:
  driver = accept
  domains = +local_domains
  local_parts = bob : eve
  condition = ${{if match{{$h_subject:}}{{cheap}}}}
  transport = maildir_junk

boxes:
  driver = accept
  domains = +local_domains
  local_parts = bob : eve
  transport = maildir

begin transports

remote:
  driver = smtp
  multi_domain = false
  # Exim takes what waits for the same address, whatever the port, along on a connection that it has.
  connection_max_messages = 1
  allow_localhost
  hosts_try_fastopen =
  hosts_avoid_tls = ${{if eq{{$domain}}{{clear.example}}{{*}}{{}}}}
  tls_verify_certificates = ${{if eq{{$domain}}{{verified.example}}{{{base}/etc/ca.pem}}{{system}}}}
  tls_verify_cert_hostnames =

maildir:
  driver = appendfile
  maildir_format
  directory = {base}/mail/$local_part_data/Maildir
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

maildir_junk:
  driver = appendfile
  maildir_format
  directory = {base}/mail/$local_part_data/Maildir/.Junk
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

begin retry

* * F,1h,1s
"""


def exim():
    """Return the binary, from MAILTRACE_EXIM or the PATH; where there is none that runs, skip, or fail."""
    named = os.environ.get("MAILTRACE_EXIM")
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    binary = named or shutil.which("exim4", path=path) or shutil.which("exim", path=path)
    if binary is None or not Path(binary).exists():
        give_up(f"no Exim: MAILTRACE_EXIM is {named!r}, and none is in the PATH")
    run = subprocess.run([binary, "-C", "/dev/null", "-bV"], capture_output=True, text=True, check=False, timeout=60)
    if run.returncode != 0:
        give_up(f"{binary} does not run: {run.stderr.strip()}")
    return Path(binary)


class Exim(Server):
    """A daemon of Exim. `routes`: domain -> host and port."""

    log_name = "mainlog"

    def __init__(self, name, binary, **routes):
        super().__init__(name)
        self.port = free_port()
        self._process = None
        is_root = os.geteuid() == 0
        user = BUILT_FOR if is_root else getpass.getuser()
        entry = pwd.getpwnam(user)
        (self.base / "spool").mkdir()
        shutil.copy(binary, self.base / "exim")
        (self.base / "exim").chmod(0o755)
        if is_root:
            for folder in (self.base, *(self.base / one for one in ("spool", "log", "mail"))):
                os.chown(folder, entry.pw_uid, entry.pw_gid)
        words = {"base": self.base, "port": self.port, "name": name, "user": entry.pw_uid, "group": entry.pw_gid}
        domains = [domain.replace("_", ".") for domain in routes]
        text = CONFIGURATION.format(**words, relay_domains=" : ".join(domains))
        self.etc = self.base / "etc"
        (self.etc / "exim.conf").write_text(text)
        lines = (f"{domain}: 127.0.0.1::{port}\n" for domain, port in zip(domains, routes.values(), strict=True))
        (self.etc / "routes").write_text("".join(lines))

    @property
    def rejectlog(self):
        return self.base / "log" / "rejectlog"

    def start(self):
        said = self.base / "log" / "start"
        command = [str(self.base / "exim"), "-C", str(self.etc / "exim.conf"), "-bdf", "-q1s"]
        with said.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        wait_for(lambda: listens(self.port), lambda: f"nobody listens: {said.read_text()} {self.log()}")
        return self

    def send(self, message_id, *to, subject="Invoice", sender="ann@sender.example"):
        return send(self.port, message_id, *to, subject=subject, sender=sender)

    def queue_id(self, message_id):
        """Return the queue id that it gave a message; waits until it has it."""
        return self.until(" <= ", f"id={message_id.strip('<>')}").split()[2]

    def until_tried(self, message_id, mark):
        """Wait until there is such a line on a message, as `=> bob`; return it."""
        return self.until(f"{self.queue_id(message_id)} {mark}")

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.remove()
