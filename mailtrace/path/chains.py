"""Who stands in a chain, as data: the providers of mailboxes with their own hops, and the services in between.

A provider is one organisation under several names. Its row says how it marks the hand-overs between its own machines,
so that they are passed over, and the host that takes mail over from outside, so that it never is. docs/border.md shows
the rows as a table. An organisation under one name, which confirms the names of its machines, needs none.
"""

import ipaddress
import re
from functools import cache, lru_cache

from mailtrace.path.addresses import Network
from mailtrace.records import Struct


class Provider(Struct, frozen=True, kw_only=True):
    """A provider whose hops cannot be told apart by the registrable domain alone."""

    title: str
    name: str
    """Its registrable domain, for `receiver`."""
    domains: tuple[str, ...]
    """The registrable domains that are this provider; none of which customers' machines bear."""
    chain: str
    """What its own part of a chain looks like, from the top, for the reader of docs/border.md."""
    networks: tuple[str, ...] = ()
    """Where its own machines hand over to each other; no customer and no outgoing relay is in them."""
    hosts: str | None = None
    """Pattern of the names of its machines that carry no domain."""
    edge: str | None = None
    """Pattern of the `by` host that takes mail over from outside, and only does that."""
    edge_via: str | None = None
    """What its edge writes into the `via` clause as well."""


MICROSOFT = Provider(
    title="Exchange Online, Outlook.com",
    name="outlook.com",
    domains=(
        "outlook.com",
        "office365.com",
        "office365.us",
        "exchangelabs.com",
        "office.com",
        "outlook.cn",
        "outlook.de",
    ),
    chain="mailbox server (`with HTTPS`), mailbox server, front end, then the edge (`via Frontend Transport`)",
    # Worldwide; then the clouds of the US government, of China, and of Germany until 2021.
    networks=(
        "2603:1000::/24",
        "2a01:111:f400::/48",
        "2a01:111:f403::/48",
        "2001:489a:200::/48",
        "2406:e500:c000::/34",
        "2a01:4180:c000::/36",
    ),
    edge=r".+\.mail\.protection\.(outlook\.com|office365\.us|outlook\.de|partner\.outlook\.cn)",
    edge_via="Frontend Transport",
)
GOOGLE = Provider(
    title="Gmail, Google Workspace",
    name="google.com",
    domains=("google.com", "gmail.com", "googlemail.com"),
    chain="one or more fields without a from part (`by 2002:a05:...` or `by 10....`), then the edge",
    edge=r"mx\.google\.com",
)
YAHOO = Provider(
    title="Yahoo, AOL",
    name="yahoo.com",
    domains=("yahoo.com", "yahoodns.net", "aol.com"),
    chain="the server that takes it over (`by 10....` or `by mta....mail....yahoo.com`) and no other",
)
APPLE = Provider(
    title="iCloud Mail",
    name="icloud.com",
    domains=("icloud.com", "apple.com", "me.com", "mac.com"),
    chain="fields of hosts without a domain; a side-car hands over from 127.0.0.2 on the same machine",
    hosts=r"p\d\d-icloudmta-[a-z0-9-]+",
)
FASTMAIL = Provider(
    title="Fastmail",
    name="messagingengine.com",
    domains=("messagingengine.com", "fastmail.com"),
    chain="the store (`with LMTPA`), hosts under .internal in 10.0.0.0/8, a filter on the same machine, then the edge",
    edge=r".+-mx-\d+\.messagingengine\.com",
)
PROTON = Provider(
    title="Proton Mail",
    name="protonmail.ch",
    domains=("protonmail.ch", "protonmail.com", "proton.me", "proton.ch"),
    chain="the server that takes it over and no other",
    edge=r"mail-?in\d*\.protonmail\.ch",
)
ZOHO = Provider(
    title="Zoho Mail",
    name="zoho.com",
    domains=("zoho.com", "zohomail.com", "zoho.eu", "zohomail.eu", "zoho.in", "zohomail.in"),
    chain="the server that takes it over; a submission shows no client",
)
YANDEX = Provider(
    title="Yandex Mail",
    name="yandex.net",
    domains=("yandex.net", "yandex.ru", "yandex.com"),
    chain="the store (`with LMTP` or `LMTPS`), then the server that takes it over (`(nwsmtp/Yandex)`)",
)
MAIL_RU = Provider(
    title="mail.ru",
    name="mail.ru",
    domains=("mail.ru", "vkmail.ru"),
    chain="the server that takes it over and no other; a submission shows no client",
)
UNITED = Provider(
    title="GMX, web.de, mail.com, IONOS",
    name="gmx.net",
    domains=("gmx.net", "gmx.com", "gmx.de", "web.de", "mail.com", "kundenserver.de"),
    chain="the server that takes it over (`(Nemesis)`), with its own address in the comment behind `by`",
    edge=r"mx[a-z0-9-]*\.(gmx\.(net|com)|web\.de|mail\.com|kundenserver\.de)",
)
TELEKOM = Provider(
    title="T-Online",
    name="t-online.de",
    domains=("t-online.de", "telekom.de"),
    chain="the server that takes it over; submissions at `fwd....t-online.de`",
    edge=r"mail-?in\d+\.([a-z]+\.){0,2}t-online\.de",
)
KERNEL = Provider(
    title="kernel.org",
    name="kernel.org",
    domains=("kernel.org", "linux.dev"),
    chain="list servers and relays that confirm each other's names below kernel.org",
)

PROVIDERS = (
    MICROSOFT, GOOGLE, YAHOO, APPLE, FASTMAIL, PROTON, ZOHO, YANDEX, MAIL_RU, UNITED, TELEKOM, KERNEL,
)  # fmt: skip


@cache
def _by_domain() -> dict[str, Provider]:
    return {domain: provider for provider in PROVIDERS for domain in provider.domains}


def provider_named(organisation: str | None) -> Provider | None:
    """Return the provider that a registrable domain belongs to; None for any other organisation."""
    return None if organisation is None else _by_domain().get(organisation)


def provider_of_host(host: str | None) -> Provider | None:
    """Return the provider that calls its machines by such a name without a domain."""
    return None if host is None or "." in host else _provider_of_name(host[:300])


@lru_cache(maxsize=1024)
def _provider_of_name(name: str) -> Provider | None:
    named = [one for one in PROVIDERS if one.hosts and re.fullmatch(one.hosts, name, re.IGNORECASE | re.ASCII)]
    return named[0] if named else None


def networks_of(provider: Provider) -> tuple[Network, ...]:
    """Return the networks in which a provider's machines hand over to each other."""
    return _networks(provider.networks)


@cache
def _networks(written: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in written)
