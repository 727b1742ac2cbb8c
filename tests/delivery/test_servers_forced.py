"""A real Postfix that keeps connections under TLS (tlsproxy, scache), and what `find --forced-tls` reads in its log."""

import contextlib
import json
import time

import pytest
from click.testing import CliRunner

from mailtrace.cli import main
from tests.delivery.servers.certificates import certify
from tests.delivery.servers.common import need
from tests.delivery.servers.postfix import POSTFIX, Postfix

pytestmark = pytest.mark.server

MX = """\
virtual_mailbox_domains = clinic.example clear.example other.example
virtual_mailbox_maps = static:all
virtual_transport = discard:
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_chain_files = {base}/etc/server.pem
"""
OUT = """\
relay_domains = clinic.example clear.example other.example
transport_maps = texthash:{base}/etc/transport
smtp_tls_security_level = may
smtp_tls_loglevel = LEVEL
smtp_tls_connection_reuse = yes
smtp_connection_cache_destinations = static:all
smtpd_recipient_restrictions = permit_mynetworks, reject
"""
OUT_SERVICES = """\
tlsproxy unix - - n - 0 tlsproxy
clear unix - - n - - smtp
  -o smtp_tls_security_level=none
"""
# `delays=` and the times of lines are whole seconds: what is known of the time before a transfer is a little less.
PAUSE = 5.0


@pytest.fixture(name="sent", scope="module", params=[1, 0], ids=["loglevel 1", "loglevel 0"])
def send_all(request):
    """Send under TLS, in clear, and under TLS again; return the log level, and the log with addresses of a network."""
    need(POSTFIX)
    with contextlib.ExitStack() as stack:
        mx = Postfix("mx.corp.example", main=MX)
        stack.callback(mx.stop)
        certify(mx.etc, "mx.corp.example")
        mx.start()
        hop = f"[127.0.0.1]:{mx.port}"
        transport = [f"clinic.example smtp:{hop}", f"other.example smtp:{hop}", f"clear.example clear:{hop}"]
        main_cf = OUT.replace("LEVEL", str(request.param))
        out = Postfix("out.sender.example", main=main_cf, master=OUT_SERVICES, transport=transport)
        stack.callback(out.stop)
        out.start()
        for name, *people in (
            ("one", "x@other.example", "bob@clinic.example"),
            ("two", "bob@clinic.example"),
            ("pause",),
            ("clear", "bob@clear.example"),
            ("pause",),
            ("three", "bob@clinic.example", "eve@clinic.example"),
        ):
            if not people:
                time.sleep(PAUSE)
                continue
            out.send(f"<{name}@sender.example>", *people)
            for person in people:
                out.until_tried(f"<{name}@sender.example>", person)
        yield request.param, out.log().replace("127.0.0.1", "192.0.2.1")


def test_what_was_under_tls_and_what_was_not(sent, tmp_path, monkeypatch):
    level, log = sent
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.log").write_text(log)
    (tmp_path / "list").write_text("clinic.example\nclear.example\n")
    done = CliRunner().invoke(main, ["find", "--forced-tls", "list", "--all", "--json", "mail.log"])
    found = [
        (one["message_id"].partition("@")[0], one["recipient"], one["answer"])
        for one in json.loads(done.stdout)["transfers"]
    ]
    # Without a word of tlsproxy the level is 0, and a connection that it did not make would be silent under TLS as well.
    clear = "in-clear" if level else "undecided"
    assert sorted(found) == [
        ("<clear", "bob@clear.example", clear),
        ("<one", "bob@clinic.example", "met"),
        ("<three", "bob@clinic.example", "met"),
        ("<three", "eve@clinic.example", "met"),
        ("<two", "bob@clinic.example", "met"),
    ]
    assert done.exit_code == (10 if level else 11)


def test_a_connection_that_is_kept_says_so_at_every_level(sent):
    _, log = sent
    assert " TLS connection reused to " in log
    assert ", conn_use=" in log
