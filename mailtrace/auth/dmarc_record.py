"""A DMARC policy record, RFC 9989 §4.7: `v=DMARC1; p=reject; ...`, and what an invalid one still means."""

from functools import lru_cache

from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.results import DMARCPolicy

MAX_RECORD = 8192
"""Octets of a record that are read."""


class DMARCRecord(Struct, frozen=True, kw_only=True):
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
    """At least one address for reports that could be one."""
    pct: str | None
    """Historic (RFC 7489 §6.3), as written. It never changed a pass or a fail."""
    faults: tuple[str, ...]
    """What RFC 9989 §4.8 has discarded: parts that are no tag, values that their tag does not have, repeated tags."""


# RFC 3986 §3.1: a URI begins with its scheme; RFC 9989 §4.6 takes any, and receivers send to `mailto`.
_URI = lazy(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[^ \t!]")


def parse_record(octets: bytes) -> DMARCRecord | None:
    """Read a TXT record; None if it is no DMARC record (RFC 9989 §4.7: `v` first, exactly `DMARC1`)."""
    return _parse(octets[:MAX_RECORD])


@lru_cache(maxsize=256)
def _parse(octets: bytes) -> DMARCRecord | None:
    text = octets.decode("utf-8", "backslashreplace")
    parts = text.split(";")
    name, equals, version = parts[0].partition("=")
    if name.strip(" \t") != "v" or not equals or version.strip(" \t") != "DMARC1":
        return None
    tags, faults = _tags(parts[1:])
    return DMARCRecord(
        text=text.strip(),
        p=_policy("p", tags, faults),
        sp=_policy("sp", tags, faults),
        np=_policy("np", tags, faults),
        adkim_strict=_letter("adkim", "rs", tags, faults) == "s",
        aspf_strict=_letter("aspf", "rs", tags, faults) == "s",
        psd=_letter("psd", "uyn", tags, faults),
        testing=_letter("t", "ny", tags, faults) == "y",
        has_rua=any(_is_uri(uri.strip()) for uri in tags.get("rua", "").split(",")),
        pct=tags.get("pct"),
        faults=tuple(faults),
    )


def _tags(parts: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the first value of every tag; unknown ones are ignored by who asks (RFC 9989 §4.7)."""
    tags: dict[str, str] = {}
    faults: list[str] = []
    for part in parts:
        name, equals, value = part.partition("=")
        name = name.strip(" \t").lower()
        if equals and _is_tag(name) and name not in tags:
            tags[name] = value.strip(" \t")
        elif part.strip():
            faults.append(part.strip())
    return tags, faults


def _policy(name: str, tags: dict[str, str], faults: list[str]) -> DMARCPolicy | None:
    value = tags.get(name, "").lower()
    if value in DMARCPolicy.__members__.values():
        return DMARCPolicy(value)
    if name in tags:
        faults.append(f"{name}={tags[name]}")
    return None


def _letter(name: str, letters: str, tags: dict[str, str], faults: list[str]) -> str:
    """Return one of the letters; the first is the default, also for a value that is none of them."""
    value = tags.get(name, letters[0]).lower()
    if len(value) == 1 and value in letters:
        return value
    faults.append(f"{name}={tags[name]}")
    return letters[0]


def has_valid_policy(record: DMARCRecord) -> bool:
    """RFC 9989 §4.10.1: a valid `p`, and no `sp` or `np` that is there and not valid."""
    broken = any(fault.startswith(("sp=", "np=")) for fault in record.faults)
    return record.p is not None and not broken


def weaker(policy: DMARCPolicy) -> DMARCPolicy:
    """RFC 9989 §4.7 `t`: apply one step less than published."""
    return DMARCPolicy.QUARANTINE if policy is DMARCPolicy.REJECT else DMARCPolicy.NONE


def _is_tag(name: str) -> bool:
    return name.isascii() and name.isalpha() and name.islower()


def _is_uri(text: str) -> bool:
    """Tell whether a text begins like a URI (RFC 3986 §3), as nearly all do: `mailto:` and an address."""
    if text.startswith("mailto:") and text[7:8].isalnum():
        return True
    return ":" in text and _URI.match(text) is not None
