"""Stamps: Authentication-Results (RFC 8601) and Received-SPF (RFC 7208 §9.1) as claims, each with its standing.

A stamp says what some server found. Whose statement it is follows from where it stands, since every server writes
above what it received: above the border's Received field, the receiving side wrote it. Below, the sender may have
brought it along, whatever authserv-id it carries (RFC 8601 §7.1), unless the border's server is known to write just
below its own Received field and the stamp is in that place and form. No DNS, no clock; never decides anything.
"""

from collections.abc import Iterator, Sequence

from mailtrace.auth.arc_types import FIELDS as ARC_FIELDS
from mailtrace.auth.claims_grammar import ParsedResults, parse_received_spf, parse_results
from mailtrace.auth.claims_types import FIELDS, RENAMED_FIELDS, RESULTS_FIELD, SPF_FIELD
from mailtrace.auth.types import ClaimedResults
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import HeaderField, Message
from mailtrace.names.domain import a_labels
from mailtrace.path.trust import read_trust
from mailtrace.path.types import Path
from mailtrace.printable import escape
from mailtrace.records import Struct
from mailtrace.results import Confidence, Severity, Standing

__all__ = [
    "ClaimsOutcome",
    "ParsedResults",
    "check_claims",
    "parse_received_spf",
    "parse_results",
]

EVIDENCE_LIMIT = 8
"""Fields quoted in one finding at the most; a hostile message can hold thousands."""

RECEIVER_ID_BELOW_BORDER = FindingKind(
    code="claim-receiver-id-below-border",
    title="A stamp in the receiver's name stands where the sender could have written it",
    severity=Severity.NOTICE,
    reference="RFC 8601 §7.1",
)
BELOW_BORDER = FindingKind(
    code="claim-below-border",
    title="The message brought along authentication stamps of others",
    severity=Severity.INFO,
    reference="RFC 8601 §7.1",
)
UNREADABLE = FindingKind(
    code="claim-unreadable",
    title="An authentication stamp states no result that can be read",
    severity=Severity.INFO,
    reference="RFC 8601 §2.2",
)


class ClaimsOutcome(Struct, frozen=True, kw_only=True):
    """Every stamp, and what is odd about them."""

    claims: tuple[ClaimedResults, ...]
    """Topmost field first."""
    findings: tuple[Finding, ...]


class _WritesBelow(Struct, frozen=True, kw_only=True):
    """A receiver that is known to stamp just below the Received field it writes."""

    by: str
    """The host in that Received field, which is its authserv-id too."""
    before: tuple[str, ...]
    """Fields that may come between the Received field and the first stamp, each at most once."""
    spf: str | None
    """How the comment of its Received-SPF begins; None if it writes none."""
    stamps: int
    """Authentication-Results fields that it writes at the most; each method stands in one of them only."""


_ROWS = (
    # Received: from mail.example.com (mail.example.com. [192.0.2.1]) by mx.google.com with ESMTPS id ...
    # Received-SPF: pass (google.com: domain of ann@example.com designates 192.0.2.1 as ...) client-ip=192.0.2.1;
    # Authentication-Results: mx.google.com; dkim=pass header.i=@example.com ...; spf=pass (...) ...; dmarc=pass ...
    _WritesBelow(by="mx.google.com", before=(), spf="google.com", stamps=1),
    # Received: from mail.example.com (mail.example.com [192.0.2.1]) ... by smtp.subspace.kernel.org (Postfix) ...
    # ARC-Seal:i=1; ... ARC-Message-Signature:i=1; ... ARC-Authentication-Results:i=1; smtp.subspace.kernel.org; ...
    # Authentication-Results: smtp.subspace.kernel.org; dmarc=pass (p=none dis=none) header.from=example.com
    # Authentication-Results: smtp.subspace.kernel.org; spf=pass smtp.mailfrom=example.com
    # Authentication-Results: smtp.subspace.kernel.org; dkim=pass (2048-bit key) header.d=example.com ...
    _WritesBelow(by="smtp.subspace.kernel.org", before=ARC_FIELDS, spf=None, stamps=4),
)


class _Stamp(Struct, frozen=True, kw_only=True):
    """A stamp and its place."""

    field: HeaderField
    parsed: ParsedResults
    source: str
    """As evidence names it."""
    renamed: bool


def check_claims(message: Message, path: Path) -> ClaimsOutcome:
    """Read every stamp of the header, and say whose statement each is.

    ARC-Authentication-Results belong to the ARC chain and are not among them. Fields that a gateway has renamed
    (`Authentication-Results-Original`) are, and are never trusted: by renaming them it said that it does not vouch.
    """
    stamps = tuple(_stamps(message))
    trusted = _trusted(message, path, [stamp for stamp in stamps if not stamp.renamed])
    claims = tuple(
        ClaimedResults(
            authserv_id=stamp.parsed.authserv_id,
            standing=Standing.TRUSTED if stamp.field.index in trusted else Standing.CLAIMED,
            field=stamp.field.index,
            results=stamp.parsed.results,
            name=stamp.field.name,
            version=stamp.parsed.version,
        )
        for stamp in stamps
    )
    claimed = [stamp for stamp in stamps if stamp.field.index not in trusted]
    return ClaimsOutcome(claims=claims, findings=tuple(_findings(message, path, stamps, claimed)))


def _stamps(message: Message) -> Iterator[_Stamp]:
    counts = dict.fromkeys(FIELDS, 0)
    for field in message.all(*counts):
        name = field.name.lower()
        parsed = parse_received_spf(field.value) if name == SPF_FIELD else parse_results(field.value)
        source = f"header:{field.name}[{counts[name]}]"
        yield _Stamp(field=field, parsed=parsed, source=source, renamed=name in RENAMED_FIELDS)
        counts[name] += 1


def _trusted(message: Message, path: Path, stamps: Sequence[_Stamp]) -> frozenset[int]:
    """Return the indices of the fields that the receiving side wrote."""
    border = path.border_hop
    if border is None:
        return _vouched(path, stamps)
    above = (stamp.field.index for stamp in stamps if stamp.field.index < border.header.index)
    return frozenset((*above, *_just_below(message, path, stamps)))


def _vouched(path: Path, stamps: Sequence[_Stamp]) -> frozenset[int]:
    """Without a border no place proves anything: what counts is a name that the examiner gave.

    We still ask that no Received field of somebody else stands above the stamp.
    """
    lowest = min((hop.header.index for hop in path.hops if hop.standing is not Standing.TRUSTED), default=None)
    return frozenset(
        stamp.field.index
        for stamp in stamps
        if _is_named(stamp.parsed.authserv_id, path.trust) and (lowest is None or stamp.field.index < lowest)
    )


def _just_below(message: Message, path: Path, stamps: Sequence[_Stamp]) -> Iterator[int]:
    """Give the stamps that the border's server wrote directly below its own Received field."""
    border = path.border_hop
    row = next((row for row in _ROWS if border and _name(border.received.by) == row.by), None)
    if border is None or row is None:
        return
    parsed = {stamp.field.index: stamp.parsed for stamp in stamps}
    before, spf, left, methods = set(row.before), row.spf, row.stamps, set[str]()
    for field in message.fields[border.header.index + 1 :]:
        name = field.name.lower()
        if name in before and left == row.stamps:
            before.discard(name)
        elif name == SPF_FIELD and spf is not None and _comment_host(parsed[field.index]) == spf:
            spf = None
            yield field.index
        elif name == RESULTS_FIELD and left and _is_own(parsed[field.index], row, methods):
            left -= 1
            methods.update(claim.method for claim in parsed[field.index].results)
            yield field.index
        else:
            return


def _is_own(parsed: ParsedResults, row: _WritesBelow, methods: set[str]) -> bool:
    repeated = any(claim.method in methods for claim in parsed.results)
    return _name(parsed.authserv_id) == row.by and not repeated


def _comment_host(parsed: ParsedResults) -> str:
    return parsed.results[0].properties.get("comment", "").partition(":")[0] if parsed.results else ""


def _name(host: str | None) -> str | None:
    return None if host is None else a_labels(host)


def _is_named(host: str | None, names: Sequence[str]) -> bool:
    """True if one of these `--trust` names takes this host; `.example.net` takes example.net and all below it."""
    return read_trust(names).names_host(_name(host))


def _findings(message: Message, path: Path, stamps: Sequence[_Stamp], claimed: Sequence[_Stamp]) -> Iterator[Finding]:
    claimed = [stamp for stamp in claimed if not stamp.renamed]
    own = [stamp for stamp in claimed if _is_receivers(stamp, path)]
    if own:
        yield _receiver_id_below_border(message, path, own)
    named = {stamp.field.index for stamp in own}
    others = [stamp for stamp in claimed if stamp.field.index not in named and stamp.parsed.results]
    if others and path.border_hop is not None:
        yield BELOW_BORDER.found(
            f"{_count(others)} ({_writers(others)}) below the field in which the receiving side took the message "
            "over: whoever sent it could have written them.",
            *_evidence(others),
        )
    unreadable = [s for s in stamps if not s.parsed.results and "none" not in s.field.value.lower()]
    if unreadable:
        yield UNREADABLE.found(f"{_count(unreadable)} without a method and a result.", *_evidence(unreadable))


def _writers(stamps: Sequence[_Stamp]) -> str:
    names = list(dict.fromkeys(stamp.parsed.authserv_id or "unnamed" for stamp in stamps))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(escape(name[:100]) for name in names[:3]) + more


_WITHOUT_ID = "outlook.com"
"""The provider whose servers write no authserv-id (Exchange Online)."""


def _is_receivers(stamp: _Stamp, path: Path) -> bool:
    own, border = _name(stamp.parsed.authserv_id), path.border_hop
    if border is None:
        return False
    if own is None:
        # A stamp that Exchange Online could have written, and where it writes none.
        return path.receiver == _WITHOUT_ID and stamp.parsed.authserv_id is None and _has_form(stamp)
    if own == _name(border.received.by) or _is_named(own, path.trust):
        return True
    return path.receiver is not None and f".{own}".endswith(f".{path.receiver}")


def _has_form(stamp: _Stamp) -> bool:
    """True for the form of Exchange Online, which says what it did about DMARC (`action=none`)."""
    return any("action" in claim.properties for claim in stamp.parsed.results if claim.method == "dmarc")


def _receiver_id_below_border(message: Message, path: Path, own: Sequence[_Stamp]) -> Finding:
    """Where the stamp touches the border's own field, a filter of the receiver is the likelier writer; else not."""
    adjacent = all(_touches_border(message, path, stamp) for stamp in own)
    place = "just below" if adjacent else "below"
    return RECEIVER_ID_BELOW_BORDER.found(
        f"{_count(own)} in the {_form(own[0])} {place} the field in "
        "which the receiving side took the message over: not taken as the receiver's word.",
        *_evidence(own),
        severity=Severity.INFO if adjacent else Severity.NOTICE,
        confidence=Confidence.LOW if adjacent else Confidence.MEDIUM,
    )


def _form(stamp: _Stamp) -> str:
    authserv_id = stamp.parsed.authserv_id
    return "receiver's form, without a name," if authserv_id is None else f"name of {escape(authserv_id[:100])}"


_STAMP_NAMES = frozenset({"authentication-results", "received-spf", *ARC_FIELDS})


def _touches_border(message: Message, path: Path, stamp: _Stamp) -> bool:
    border = path.border_hop
    first = border.header.index + 1 if border else stamp.field.index
    between = message.fields[first : stamp.field.index]
    # Filters add a handful of fields; more than that is not looked at.
    return len(between) <= 16 and all(field.name.lower() in _STAMP_NAMES for field in between)


def _count(stamps: Sequence[_Stamp]) -> str:
    return "1 stamp" if len(stamps) == 1 else f"{len(stamps)} stamps"


def _evidence(stamps: Sequence[_Stamp]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(source=stamp.source, line=stamp.field.line, excerpt=excerpt(stamp.field.value))
        for stamp in stamps[:EVIDENCE_LIMIT]
    )
