"""A DMARC policy record, RFC 9989 §4.7: `v=DMARC1; p=reject; ...`, and what an invalid one still means."""

from dataclasses import dataclass

from mailtrace.results import DMARCPolicy

MAX_RECORD = 8192
"""Octets of a record that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DMARCRecord:
    """One policy record. A tag that is absent or invalid is None, or has the default that the RFC gives."""

    text: str
    p: DMARCPolicy | None
    sp: DMARCPolicy | None
    np: DMARCPolicy | None
    adkim_strict: bool
    aspf_strict: bool
    psd: str
    """`y`, `n` or `u` (RFC 9989 §4.7: the default, undetermined)."""
    testing: bool
    """`t=y`: the policy is applied one step weaker."""
    has_rua: bool
    pct: int | None
    """Historic (RFC 7489 §6.3)."""


def parse_record(octets: bytes) -> DMARCRecord | None:
    """Read a TXT record; None if it is no DMARC record (RFC 9989 §4.7: `v` first, exactly `DMARC1`)."""
    text = octets[:MAX_RECORD].decode("utf-8", "backslashreplace")
    parts = text.split(";")
    name, equals, version = parts[0].partition("=")
    if name.strip(" \t") != "v" or not equals or version.strip(" \t") != "DMARC1":
        return None
    tags = _tags(parts[1:])
    return DMARCRecord(
        text=text.strip(),
        p=_policy(tags.get("p")),
        sp=_policy(tags.get("sp")),
        np=_policy(tags.get("np")),
        adkim_strict=tags.get("adkim", "r").lower() == "s",
        aspf_strict=tags.get("aspf", "r").lower() == "s",
        psd=tags.get("psd", "u").lower() if tags.get("psd", "u").lower() in ("y", "n", "u") else "u",
        testing=tags.get("t", "n").lower() == "y",
        has_rua="mailto:" in tags.get("rua", "").lower(),
        pct=int(tags["pct"]) if tags.get("pct", "").isascii() and tags.get("pct", "").isdecimal() else None,
    )


def _tags(parts: list[str]) -> dict[str, str]:
    """Return the first value of every tag; unknown ones are ignored by who asks (RFC 9989 §4.7)."""
    tags: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def _policy(value: str | None) -> DMARCPolicy | None:
    lowered = (value or "").lower()
    return DMARCPolicy(lowered) if lowered in DMARCPolicy.__members__.values() else None


def weaker(policy: DMARCPolicy) -> DMARCPolicy:
    """RFC 9989 §4.7 `t`: apply one step less than published."""
    return DMARCPolicy.QUARANTINE if policy is DMARCPolicy.REJECT else DMARCPolicy.NONE
