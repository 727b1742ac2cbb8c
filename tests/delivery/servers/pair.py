"""Two Postfix servers and a Dovecot behind them: out.sender.example hands over to mx.corp.example."""

import contextlib

from tests.delivery.servers.beyond import Beyond, Greylist
from tests.delivery.servers.certificates import certify
from tests.delivery.servers.common import Closed
from tests.delivery.servers.dovecot import Dovecot
from tests.delivery.servers.postfix import Postfix

USERS = ("bob", "eve", "grey", "dan")
DOMAINS = ("corp.example", "clear.example", "trusted.example", "verified.example")
MX = """\
virtual_mailbox_domains = corp.example clear.example trusted.example verified.example
virtual_mailbox_maps = texthash:{base}/etc/boxes
virtual_transport = lmtp:inet:127.0.0.1:LMTP
virtual_alias_maps = texthash:{base}/etc/aliases
relay_domains = parked.example
transport_maps = texthash:{base}/etc/transport
smtpd_restriction_classes = greylisting
greylisting = check_policy_service inet:127.0.0.1:POLICY
smtpd_recipient_restrictions = reject_unlisted_recipient, check_recipient_access texthash:{base}/etc/access,
  permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_chain_files = {base}/etc/server.pem
smtpd_tls_loglevel = 1
"""
OUT = """\
relay_domains = corp.example clear.example trusted.example verified.example later.example sender.example parked.example
transport_maps = texthash:{base}/etc/transport
smtp_tls_security_level = may
smtp_tls_loglevel = 1
smtpd_recipient_restrictions = permit_mynetworks, reject
"""
OUT_SERVICES = """\
clear unix - - n - - smtp
  -o smtp_tls_security_level=none
trusted unix - - n - - smtp
  -o smtp_tls_CAfile=AUTHORITY
verified unix - - n - - smtp
  -o smtp_tls_security_level=secure -o smtp_tls_CAfile=AUTHORITY -o smtp_tls_secure_cert_match=mx.corp.example
"""


class Pair:
    """The two servers, and small ones beside them; all of them are stopped, whichever did not start."""

    def __init__(self):
        self._running = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_):
        self._running.close()

    def _keep(self, server):
        self._running.callback(server.stop)
        return server

    def _start(self):
        self.beyond, self.policy = self._keep(Beyond()), self._keep(Greylist())
        self.later, nobody = self._keep(Closed()), self._keep(Closed())
        self.boxes = self._keep(Dovecot("mx.corp.example", *USERS)).start()
        self.mx = self._keep(
            Postfix(
                "mx.corp.example",
                main=MX.replace("LMTP", str(self.boxes.port)).replace("POLICY", str(self.policy.port)),
                boxes=[f"{user}@{domain} x" for domain in DOMAINS for user in (*USERS, "slow")],
                aliases=("info@corp.example eve@corp.example",),
                transport=(f"parked.example smtp:[127.0.0.1]:{nobody.port}",),
                access=("grey@corp.example greylisting", "slow@corp.example 451 4.3.0 Try again later"),
            )
        )
        certify(self.mx.etc, "mx.corp.example")
        self.mx.start()
        hop = f"[127.0.0.1]:{self.mx.port}"
        self.out = self._keep(
            Postfix(
                "out.sender.example",
                main=OUT,
                master=OUT_SERVICES.replace("AUTHORITY", str(self.mx.etc / "ca.pem")),
                transport=(
                    f"corp.example smtp:{hop}",
                    f"parked.example smtp:{hop}",
                    f"clear.example clear:{hop}",
                    f"trusted.example trusted:{hop}",
                    f"verified.example verified:{hop}",
                    f"later.example smtp:[127.0.0.1]:{self.later.port}",
                    f"sender.example smtp:[127.0.0.1]:{self.beyond.port}",
                ),
            )
        ).start()
        self.logs = (self.out.log_path, self.mx.log_path, self.boxes.log_path)
        self.mail = self.boxes.base / "mail"
