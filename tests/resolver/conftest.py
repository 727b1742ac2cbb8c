"""The servers that these tests talk to, started once and stopped after."""

import socket
from types import SimpleNamespace

import pytest

from tests.certificates import write
from tests.ports import free_port, has_ipv6
from tests.resolver.servers import binary, running

SOA = "@ 3600 IN SOA ns hostmaster 1 7200 3600 86400 300\n@ NS ns\nns A 127.0.0.1\n"
LONG = "".join(f'big TXT "{number:02d} {"x" * 200}"\n' for number in range(40))
ZONES = {
    "example.com": f"""{SOA}
@ 300 A 192.0.2.1
@ 300 A 192.0.2.7
@ 300 AAAA 2001:db8::1
@ 300 MX 10 Mail
@ 300 MX 5 backup.example.org.
@ 300 TXT "v=spf1 ip4:192.0.2.0/24" " -all"
octets TXT "caf\\195\\169 \\\\ \\"quoted\\" \\000"
alias CNAME alias2
alias2 CNAME www
www 120 A 192.0.2.80
empty CNAME www
lost CNAME gone.example.com.
abroad CNAME www.example.org.
foreign CNAME www.example.net.
loop1 CNAME loop2
loop2 CNAME loop1
sub NS ns.sub
ns.sub A 192.0.2.53
under.a.tree A 192.0.2.3
null MX 0 .
_25._tcp.mail TLSA 3 1 1 {"ab" * 32}
{LONG}""",
    "example.org": f"{SOA}www 60 A 192.0.2.81\n",
}


def _nsd_conf(folder, port):
    zones = []
    for zone, text in ZONES.items():
        (folder / zone).write_text(f"$ORIGIN {zone}.\n$TTL 3600\n{text}")
        zones.append(f'zone:\n  name: {zone}\n  zonefile: "{folder / zone}"\n')
    addresses = "".join(f"  ip-address: {host}\n" for host in ("127.0.0.1", *(["::1"] if has_ipv6() else [])))
    return f"""
server:
{addresses}  port: {port}
  username: ""
  chroot: ""
  server-count: 1
  database: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
{"".join(zones)}"""


@pytest.fixture(scope="session")
def nsd(tmp_path_factory):
    """An authoritative server of two zones, over UDP and TCP."""
    nsd = binary("nsd")
    folder, port = tmp_path_factory.mktemp("nsd"), free_port()
    (folder / "nsd.conf").write_text(_nsd_conf(folder, port))
    with running([nsd, "-d", "-c", str(folder / "nsd.conf")], [port], folder / "log"):
        yield SimpleNamespace(port=port, address=f"127.0.0.1:{port}", address6=f"[::1]:{port}")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A certificate authority, a server's key and certificate of it, and an authority that signed nothing here."""
    return write(tmp_path_factory.mktemp("ca"), "dns.test", "localhost")


@pytest.fixture(scope="session")
def unbound(tmp_path_factory, certificates, nsd):
    """A resolver that serves DoT and DoH, and knows the zones of nsd only."""
    unbound = binary("unbound")
    folder, dot, doh = tmp_path_factory.mktemp("unbound"), free_port(), free_port()
    hosts = ("127.0.0.1", *(["::1"] if has_ipv6() else []))  # the certificate is not for ::1
    interfaces = "".join(f"  interface: {host}@{port}\n" for host in hosts for port in (dot, doh))
    stubs = "".join(f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{nsd.port}\n' for zone in ZONES)
    (folder / "unbound.conf").write_text(f"""
server:
{interfaces}  tls-port: {dot}
  https-port: {doh}
  tls-service-key: "{certificates / "server.key"}"
  tls-service-pem: "{certificates / "server.pem"}"
  access-control: 127.0.0.0/8 allow
  access-control: ::1 allow
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "." refuse
  local-zone: "example.com." transparent
  local-zone: "example.org." transparent
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  num-threads: 1
remote-control:
  control-enable: no
{stubs}""")
    with running([unbound, "-d", "-c", str(folder / "unbound.conf")], [dot, doh], folder / "log"):
        yield SimpleNamespace(dot=dot, doh=doh)


@pytest.fixture
def closed_port():
    """A port of loopback where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def silent():
    """The address of a server that takes questions and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{listening.getsockname()[1]}"
