"""Who may stand between two sides and work for either, as data: filters, forwarders, archives.

A filter takes mail in for the domain of its customer, and sends mail out for it as well: its place in a chain does not
show for which side it worked. Nothing here moves the border; these rows only say where to show another reading.
"""

from enum import unique
from functools import cache

from mailtrace.enums import StrEnum
from mailtrace.records import Struct


@unique
class Role(StrEnum):
    """What it does with the message."""

    FILTER = "filter"
    FORWARDER = "forwarder"
    ARCHIVE = "archive"


class Intermediary(Struct, frozen=True, kw_only=True):
    """A service that passes other people's mail on."""

    title: str
    role: Role
    domains: tuple[str, ...]
    """The registrable domains under which its machines appear; the first stands for all."""


INTERMEDIARIES = (
    Intermediary(
        title="Proofpoint",
        role=Role.FILTER,
        domains=("pphosted.com", "ppops.net", "ppe-hosted.com", "proofpoint.com", "gpphosted.com"),
    ),
    Intermediary(title="Mimecast", role=Role.FILTER, domains=("mimecast.com", "mimecast.co.za")),
    Intermediary(
        title="Barracuda",
        role=Role.FILTER,
        domains=("barracudanetworks.com", "cudaops.com", "barracuda.com"),
    ),
    Intermediary(title="Cisco Secure Email", role=Role.FILTER, domains=("iphmx.com",)),
    Intermediary(title="Trend Micro", role=Role.FILTER, domains=("trendmicro.com", "trendmicro.eu")),
    Intermediary(title="Sophos", role=Role.FILTER, domains=("sophos.com",)),
    Intermediary(title="Symantec Email Security", role=Role.FILTER, domains=("messagelabs.com",)),
    Intermediary(title="Hornetsecurity", role=Role.FILTER, domains=("hornetsecurity.com", "antispameurope.com")),
    Intermediary(title="Cloudflare Email Security", role=Role.FILTER, domains=("mxrecord.io", "area1security.com")),
    Intermediary(title="Forcepoint", role=Role.FILTER, domains=("mailcontrol.com",)),
    Intermediary(title="Trellix", role=Role.FILTER, domains=("fireeyecloud.com",)),
    Intermediary(title="Fortinet", role=Role.FILTER, domains=("fortimailcloud.com",)),
    Intermediary(title="N-able SpamExperts", role=Role.FILTER, domains=("antispamcloud.com", "spamexperts.com")),
    Intermediary(title="Vade", role=Role.FILTER, domains=("vadesecure.com",)),
    Intermediary(title="Mailinblack", role=Role.FILTER, domains=("mailinblack.com", "mailinblack.org")),
    Intermediary(title="McAfee MX Logic", role=Role.FILTER, domains=("mxlogic.net",)),
    Intermediary(title="Postini", role=Role.FILTER, domains=("postini.com",)),
    Intermediary(title="Retarus", role=Role.FILTER, domains=("retarus.com",)),
    Intermediary(title="MailChannels", role=Role.FILTER, domains=("mailchannels.net",)),
    Intermediary(
        title="Cloudflare Email Routing",
        role=Role.FORWARDER,
        domains=("cloudflare-email.net", "cloudflare-email.com"),
    ),
    Intermediary(title="ImprovMX", role=Role.FORWARDER, domains=("improvmx.com",)),
    Intermediary(title="Forward Email", role=Role.FORWARDER, domains=("forwardemail.net",)),
    Intermediary(title="Pobox", role=Role.FORWARDER, domains=("pobox.com",)),
    Intermediary(title="SimpleLogin", role=Role.FORWARDER, domains=("simplelogin.co", "simplelogin.io")),
    Intermediary(title="addy.io", role=Role.FORWARDER, domains=("addy.io", "anonaddy.com", "anonaddy.me")),
    Intermediary(title="DuckDuckGo Email Protection", role=Role.FORWARDER, domains=("duck.com",)),
    Intermediary(title="Namecheap forwarding", role=Role.FORWARDER, domains=("registrar-servers.com",)),
    Intermediary(title="Global Relay", role=Role.ARCHIVE, domains=("globalrelay.com",)),
    Intermediary(title="Smarsh", role=Role.ARCHIVE, domains=("smarsh.com",)),
)

APPLIANCES = {
    "Proofpoint": "Proofpoint",
    "Barracuda": "Barracuda",
    "IronPort": "Cisco Secure Email",
    "FortiMail": "Fortinet",
    "Symantec Messaging Gateway": "Symantec Messaging Gateway",
    "Hornetsecurity": "Hornetsecurity",
    "Mimecast": "Mimecast",
    "Trend Micro": "Trend Micro",
}
"""Filters that also run under their buyers' names: software of the dialect table, and what it is called."""


@cache
def _by_domain() -> dict[str, Intermediary]:
    return {domain: one for one in INTERMEDIARIES for domain in one.domains}


def intermediary_named(organisation: str | None) -> Intermediary | None:
    """Return the service that a registrable domain belongs to; None for any other organisation."""
    return None if organisation is None else _by_domain().get(organisation)
