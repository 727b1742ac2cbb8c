"""The domains that send: their keys, what they publish for SPF in ten shapes, and their DMARC policies."""

import random
from dataclasses import dataclass, field

from bench.corpus.keys import Key, make_key

Zone = dict[str, dict[str, list[str]]]

STRANGERS = ("unaligned.test", "bulk-attack.test")
"""Domains that spoofers own, with keys and SPF of their own."""
FORWARDERS = ("alumni.test", "members.test")
"""Domains that forward what others wrote, and seal it."""
SERVICE = "mailer.test"
"""A bulk mailer, which many include and which signs for itself beside its customers."""
# 38 RSA-2048, 6 RSA-1024 and 6 Ed25519 of fifty, spread so that the first ten have all three
KINDS = {4: "rsa1024", 7: "ed25519", 12: "rsa1024", 15: "ed25519", 20: "rsa1024", 23: "ed25519", 28: "rsa1024"} | {
    31: "ed25519", 36: "rsa1024", 39: "ed25519", 44: "rsa1024", 47: "ed25519"
}  # fmt: skip
POLICIES = (
    "v=DMARC1; p=reject",
    "v=DMARC1; p=none; rua=mailto:dmarc@{d}",
    "v=DMARC1; p=quarantine; adkim=r; aspf=r",
    None,
    "v=DMARC1; p=reject; adkim=s",
    "v=DMARC1; p=none; sp=reject; aspf=s; adkim=s",
    "v=DMARC1;p=quarantine;pct=100;fo=1;rua=mailto:a@{d}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One sender."""

    name: str
    key: Key
    selector: str
    ip: str
    """Of its server, for which SPF passes."""
    host: str
    host_spf: bool
    """Whether the name that its server gives in HELO has a record of its own, for that server alone."""
    otherwise: str
    """SPF's result for any other client."""
    dmarc: bool
    strict_dkim: bool
    strict_spf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All of them, and the zone that they are found in."""

    senders: tuple[Domain, ...]
    strangers: tuple[Domain, ...]
    forwarders: tuple[Domain, ...]
    service: Domain
    zone: Zone = field(default_factory=dict)


SPF: tuple[tuple[str, str], ...] = (
    ("v=spf1 ip4:{ip} -all", "fail"),
    ("v=spf1 include:_spf.{d} ~all", "softfail"),
    ("v=spf1 a -all", "fail"),
    ("v=spf1 include:_spf.mailer.test include:_tree.{d} -all", "fail"),
    ("v=spf1 mx -all", "fail"),
    ("v=spf1 redirect=_spf.{d}", "softfail"),
    ("v=spf1 exists:%{{i}}.allow.{d} -all", "fail"),
    ("v=spf1 a:mail.{d}/32 ?all", "neutral"),
    ("v=spf1 ip6:{net}::/48 -all", "fail"),
    ("v=spf1 a mx include:_spf.mailer.test include:_tree.{d} ip4:{ip}/31 ~all", "softfail"),
)


def make_world(count: int, dice: random.Random) -> World:
    """Make that many senders and what belongs to them."""
    zone: Zone = {}
    senders = tuple(_sender(number, zone, dice) for number in range(count))
    strangers = tuple(_plain(name, f"203.0.113.{7 + at}", "rsa1024", zone, dice) for at, name in enumerate(STRANGERS))
    forwarders = tuple(
        _plain(name, f"203.0.113.{40 + at}", "rsa2048", zone, dice) for at, name in enumerate(FORWARDERS)
    )
    service = _plain(SERVICE, "198.51.100.9", "rsa2048", zone, dice)
    zone[f"_spf.{SERVICE}"] = {"TXT": [f"v=spf1 include:_a.{SERVICE} include:_b.{SERVICE} ~all"]}
    zone[f"_a.{SERVICE}"] = {"TXT": ["v=spf1 ip4:198.51.100.0/26 ip4:198.51.100.64/27 ~all"]}
    zone[f"_b.{SERVICE}"] = {"TXT": ["v=spf1 ip6:2001:db8:feed::/48 ip4:198.51.100.128/25 ~all"]}
    return World(senders=senders, strangers=strangers, forwarders=forwarders, service=service, zone=zone)


def _sender(number: int, zone: Zone, dice: random.Random) -> Domain:
    name = f"firm{number:02}.example"
    shape, otherwise = SPF[number % len(SPF)]
    net = f"2001:db8:{number + 1:x}"
    ip = f"{net}::25" if "ip6" in shape else f"192.0.2.{2 * number + 20}"
    policy = POLICIES[number % len(POLICIES)]
    domain = Domain(
        name=name,
        key=make_key(KINDS.get(number, "rsa2048"), dice),
        selector=f"s{2020 + number % 7}",
        ip=ip,
        host=f"mail.{name}",
        host_spf=number % 3 != 2,
        otherwise=otherwise,
        dmarc=policy is not None,
        strict_dkim="adkim=s" in (policy or ""),
        strict_spf="aspf=s" in (policy or ""),
    )
    _publish(domain, shape.format(ip=ip, d=name, net=net), zone)
    if policy is not None:
        zone[f"_dmarc.{name}"] = {"TXT": [policy.format(d=name)]}
    return domain


def _publish(domain: Domain, spf: str, zone: Zone) -> None:
    name, ip = domain.name, domain.ip
    kind, ip_term = ("AAAA", f"ip6:{ip}") if ":" in ip else ("A", f"ip4:{ip}")
    zone[name] = {
        "TXT": [spf, f"verification={name}"],
        kind: [ip],
        "MX": [f"10 mail.{name}", f"20 backup.{name}"],
    }
    zone[f"mail.{name}"] = {kind: [ip]}
    zone[f"backup.{name}"] = {"A": ["198.51.100.200"]}
    zone[f"{domain.selector}._domainkey.{name}"] = {"TXT": [domain.key.record]}
    zone[f"_spf.{name}"] = {"TXT": [f"v=spf1 {ip_term} ~all"]}
    zone[f"_tree.{name}"] = {"TXT": [f"v=spf1 include:_leaf.{name} ~all"]}
    zone[f"_leaf.{name}"] = {"TXT": [f"v=spf1 ip4:198.51.100.250 {ip_term} ~all"]}
    zone[f"{ip}.allow.{name}"] = {"A": ["127.0.0.2"]}
    zone[domain.host] = {kind: [ip], **({"TXT": ["v=spf1 a -all"]} if domain.host_spf else {})}


def _plain(name: str, ip: str, kind: str, zone: Zone, dice: random.Random) -> Domain:
    domain = Domain(
        name=name,
        key=make_key(kind, dice),
        selector="k1",
        ip=ip,
        host=f"out.{name}",
        host_spf=True,
        otherwise="fail",
        dmarc=False,
        strict_dkim=False,
        strict_spf=False,
    )
    _publish(domain, f"v=spf1 ip4:{ip} -all", zone)
    return domain
