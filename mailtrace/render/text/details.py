"""What -v adds: the session, the records and signatures as they were read, the raw fields, the file and its hash."""

from mailtrace.auth.dkim2_types import DKIM2Chain, DKIM2Signature, DKIM2Status
from mailtrace.auth.types import ARCSet, DKIMCheck
from mailtrace.render.text import lookups, words
from mailtrace.render.text.page import Page, Styled
from mailtrace.report import Report
from mailtrace.results import ARCResult

MOST = 40
"""Entries of one kind that are shown."""

ARC_ENDING = (
    "ARC (RFC 8617) is an experiment; a draft of the IETF (draft-ietf-dmarc-arc-to-historic, 2026) proposes to call it "
    "historic."
)

_COLUMN = 16


def write(page: Page, report: Report) -> None:
    """Write the sections."""
    _session(page, report)
    lookups.write(page, report)
    _signatures(page, report)
    _dkim2(page, report.authentication.dkim2)
    _fields(page, report)
    _file(page, report)


def _entry(page: Page, term: str, text: str | None) -> None:
    page.entry(term, text or words.NOT_STATED, column=_COLUMN, indent=2, wide=True)


def _session(page: Page, report: Report) -> None:
    session = report.session
    page.heading("SMTP session at the border")
    for term, value, source in (
        ("client", session.client_ip, session.client_ip_source),
        ("HELO", session.helo, session.helo_source),
        ("MAIL FROM", session.mail_from, session.mail_from_source),
    ):
        _entry(page, term, f"{value}  ({words.plain(source.value)})" if value and source else value)


def _signatures(page: Page, report: Report) -> None:
    checks, sets = report.authentication.dkim, report.authentication.arc.sets
    if not checks and not sets:
        return
    page.heading("Signatures")
    for check in checks[:MOST]:
        _entry(page, f"DKIM {check.index}", _signature(check))
        _entry(page, "", f"signs {words.listed(check.signed_fields, limit=30)}")
    for arc_set in sets[:MOST]:
        _entry(page, f"ARC {arc_set.instance}", _arc_set(arc_set))
    if sets:
        _entry(page, "", ARC_ENDING)
    hidden = max(0, len(checks) - MOST) + max(0, len(sets) - MOST)
    if hidden:
        page.line(f"{hidden:,} more, all in the JSON", indent=_COLUMN)


def _signature(check: DKIMCheck) -> str:
    size = f" {check.key_bits} bits" if check.key_bits else ""
    parts = [
        f"{check.sdid or 'no domain'} (selector {check.selector or words.NOT_STATED})",
        f"{check.algorithm or 'no algorithm'}{size}",
        check.canonicalization or "",
        f"header {words.plain(check.header_signature.value)}, body {words.plain(check.body_hash.value)}",
        f"signed {words.moment(check.signed_at)}" if check.signed_at else "",
        f"expires {words.moment(check.expires_at)}" if check.expires_at else "",
        f"covers {check.body_length:,} octets of the body" if check.body_length is not None else "",
        _key(check),
        check.alteration.detail if check.alteration else "",
    ]
    return "; ".join(part for part in parts if part)


def _key(check: DKIMCheck) -> str:
    if check.key_source is None:
        return ""
    source = check.key_origin.source if check.key_origin else None
    return f"key from {check.key_source}" + (f" ({source})" if source else "")


def _arc_set(arc_set: ARCSet) -> str:
    claims = words.listed([f"{claim.method}={claim.result}" for claim in arc_set.results], limit=8)
    writer = f" as {arc_set.authserv_id}" if arc_set.authserv_id else ""
    seal = _verified(arc_set.seal, arc_set.seal_problem)
    message = _verified(arc_set.message_signature, arc_set.message_problem)
    parts = [
        f"{arc_set.sdid or 'no domain'}: seal {seal}, message {message}, cv={arc_set.cv or words.NOT_STATED}",
        f"sealed {words.moment(arc_set.sealed_at)}" if arc_set.sealed_at else "",
        f"key {arc_set.seal_key}" if arc_set.seal_key else "",
        f"message key {arc_set.message_key}" if arc_set.message_key not in (None, arc_set.seal_key) else "",
        f"it claims{writer} {claims or 'nothing'}",
    ]
    return "; ".join(part for part in parts if part)


def _verified(result: ARCResult, problem: str | None) -> str:
    return words.plain(result.value) + (f" ({words.plain(problem)})" if problem else "")


def _dkim2(page: Page, chain: DKIM2Chain) -> None:
    """Show the chain of a draft that is not verified here."""
    if chain.status is DKIM2Status.NONE:
        return
    state = f"malformed: {chain.problem}" if chain.problem else "not verified: a draft, not implemented here"
    page.heading(f"DKIM2, {state}")
    for signature in chain.signatures[:MOST]:
        _entry(page, f"DKIM2 {signature.sequence or '?'}", _dkim2_step(signature))
    for instance in chain.instances[:MOST]:
        undo = ", says how to undo a change" if instance.recipe else ""
        shown = f"hashes {words.listed(instance.hashes) or words.NOT_STATED}{undo}"
        _entry(
            page, f"instance {instance.instance or '?'}", f"{shown}; {instance.problem}" if instance.problem else shown
        )


def _dkim2_step(signature: DKIM2Signature) -> str:
    recipients = words.listed(signature.recipients, limit=5) or words.NOT_STATED
    envelope = f"sent from {signature.mail_from or words.NOT_STATED} to {recipients}"
    if signature.next_domain:
        envelope = f"handed to {signature.next_domain}, no envelope"
    parts = [
        signature.sdid or "no domain",
        envelope,
        f"signed {words.moment(signature.signed_at)}" if signature.signed_at else "",
        f"covers instance {signature.instance}" if signature.instance else "",
        words.listed(signature.algorithms),
        f"asks {words.listed(signature.flags)}" if signature.flags else "",
        signature.problem or "",
    ]
    return "; ".join(part for part in parts if part)


def _fields(page: Page, report: Report) -> None:
    hops = report.path.hops
    if not hops:
        return
    page.heading("Received fields, as written")
    for hop in hops[:MOST]:
        page.entry(Styled(f"hop {hop.index}", "bold"), hop.raw, column=_COLUMN, indent=2, wide=True)
    if len(hops) > MOST:
        page.line(f"{len(hops) - MOST:,} more, all in the JSON", indent=_COLUMN)


def _file(page: Page, report: Report) -> None:
    source, message = report.source, report.message
    page.heading("File")
    _entry(page, "name", source.name or "standard input")
    _entry(page, "size", None if source.size is None else f"{source.size:,} octets, lines end in {_ends(report)}")
    _entry(page, "SHA-256", source.sha256)
    _entry(page, "Message-ID", message.message_id)
    _entry(page, "Return-Path", message.return_path)
    if message.cc:
        _entry(page, "Cc", words.mailboxes(message.cc, limit=20))
    for defect in message.defects[:MOST]:
        place = f" (line {defect.line})" if defect.line is not None else ""
        _entry(page, "defect", f"{words.plain(defect.code)}{place}: {defect.detail}")
    if len(message.defects) > MOST:
        _entry(page, "", f"{len(message.defects) - MOST:,} defects more, all in the JSON")
    _entry(page, "trusted", words.listed(report.inputs.trust, limit=20) or "nothing named with --trust")


def _ends(report: Report) -> str:
    ending = report.message.line_ending.value
    return {"none": "nothing", "mixed": "CRLF and LF, mixed"}.get(ending, ending.upper())
