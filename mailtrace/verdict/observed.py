"""The findings that only the whole picture gives: what the verdict rests on, or lacks."""

from collections.abc import Iterator

from mailtrace.auth.types import Authentication, DKIMCheck, Session
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import HeaderField, Message
from mailtrace.path.types import Path
from mailtrace.resolver import Answer
from mailtrace.results import Authenticity, Severity, SPFResult
from mailtrace.verdict.authenticity import Decision, Rule
from mailtrace.verdict.causes import trusted_stamps
from mailtrace.verdict.lookalike import Imitation
from mailtrace.verdict.readers import observe_readers
from mailtrace.verdict.worlds import half_signed

AUTHOR_SIGNED = FindingKind(
    code="author-signed",
    title="A signature of the author domain verifies",
    severity=Severity.INFO,
    reference="RFC 9989 §4.4",
)
AUTHOR_CLIENT = FindingKind(
    code="author-client-authorised",
    title="The author domain authorises the client that handed the message over",
    severity=Severity.INFO,
    reference="RFC 7208 §8.3",
)
RECEIVER_PASSED = FindingKind(
    code="receiver-stamped-pass",
    title="The receiving side recorded that DMARC passed",
    severity=Severity.INFO,
    reference="RFC 8601 §1.6",
)
AUTHOR_UNPROVEN = FindingKind(
    code="author-unproven",
    title="Nothing proves who wrote the message, and nothing speaks against it",
    severity=Severity.NOTICE,
    reference="RFC 9989 §5.3",
)
CAUSE_CLAIMED = FindingKind(
    code="ordinary-cause-claimed",
    title="The message names an ordinary cause for failing, which is not proved",
    severity=Severity.NOTICE,
    reference="RFC 7960 §3",
)
DNS_OF_ANOTHER_TIME = FindingKind(
    code="dns-of-another-time",
    title="The DNS answers are not known to be of the time at which the message was received",
    severity=Severity.NOTICE,
    reference="RFC 6376 §6.1.2",
)
UNANSWERED = FindingKind(
    code="dns-unanswered",
    title="A DNS question that could change the verdict has no answer",
    severity=Severity.WARNING,
    reference="RFC 8601 §2.7",
)
CONTRADICTED = FindingKind(
    code="receiver-path-contradicted",
    title="The receiving side's own hops contradict each other",
    severity=Severity.WARNING,
    reference="RFC 5321 §4.4",
)
NO_AUTHOR = FindingKind(
    code="no-single-author",
    title="The message does not name one author at one domain",
    severity=Severity.WARNING,
    reference="RFC 9989 §5.3.1",
)
LOOK_ALIKE = FindingKind(
    code="author-looks-like-another",
    title="The author domain looks like another domain, and is not that",
    severity=Severity.WARNING,
    reference="UTS #39 §4",
)
UNSIGNED_SHOWN = FindingKind(
    code="unsigned-part-shown",
    title="A reader is shown something that the author domain's signature does not cover",
    severity=Severity.WARNING,
    reference="RFC 6376 §8.2",
)
NOT_JUDGED = FindingKind(
    code="sender-not-recorded",
    title="The file does not record what SPF needs: the client, or the envelope sender",
    severity=Severity.NOTICE,
    reference="RFC 7208 §4.1",
)

_MAX_UNANSWERED = 5
"""Questions named in one finding at the most."""


def observed(
    message: Message, path: Path, authentication: Authentication, decision: Decision, answers: tuple[Answer, ...]
) -> tuple[Finding, ...]:
    """Return the findings for the rule that decided; never empty for a rule that no stage speaks of."""
    return tuple(_observed(message, path, authentication, decision, answers))


def _observed(
    message: Message, path: Path, authentication: Authentication, decision: Decision, answers: tuple[Answer, ...]
) -> Iterator[Finding]:
    rule, domain = decision.rule, message.author_domain
    for check in decision.passes:
        yield AUTHOR_SIGNED.found(
            f"{check.sdid} signed this message, and the signature verifies.", _signature(message, check)
        )
    if rule in (Rule.SPF, Rule.SPF_INFERRED):
        yield _client(message, path, authentication)
    if decision.causes.stamped_pass:
        yield _stamp(message, authentication)
    if rule is Rule.UNANSWERED:
        yield _unanswered(decision, answers)
    failed = rule in (Rule.CLAIMED_CAUSE, Rule.MONITORED_FAIL)
    if failed and decision.causes.claimed and not decision.causes.overshadowed:
        claimed = " and ".join(decision.causes.claimed)
        yield CAUSE_CLAIMED.found(
            f"It shows {claimed}, which could explain the failure; anyone can write that.", place_of(message)
        )
    if rule is Rule.OTHER_TIME:
        detail = "The failure is computed from DNS answers that are more than 7 days from the time of reception."
        if path.border_hop is None or path.border_hop.received.received_at is None:
            detail = "When the message was received is not recorded: the DNS answers may be of another time."
        yield DNS_OF_ANOTHER_TIME.found(detail, place_of(message))
    if rule is Rule.CONTRADICTION:
        hop = next(hop for hop in reversed(path.hops) if hop.standing == "contradicted")
        detail = f"The field written by {excerpt(hop.received.by or 'an unnamed server')} cannot be as it stands."
        yield CONTRADICTED.found(detail, place_of_received(hop.field, hop.header))
    if rule is Rule.AUTHORS:
        yield NO_AUTHOR.found(_authors(message), place_of(message))
    if decision.imitates:
        yield LOOK_ALIKE.found(_imitates(domain, decision.imitates), place_of(message))
    if rule is Rule.UNSIGNED_SHOWN:
        check = decision.passes[0]
        yield UNSIGNED_SHOWN.found(_unsigned(message, check), _signature(message, check))
    if rule is Rule.NOT_JUDGED:
        lacking = not_recorded(authentication.session)
        detail = f"The file does not record {lacking}, without which SPF cannot be evaluated."
        yield NOT_JUDGED.found(detail, place_of(message))
    if rule in (Rule.NOTHING, Rule.PROVED_CAUSE) and not decision.causes.altered:
        yield AUTHOR_UNPROVEN.found(
            f"No signature or SPF result that could be verified ties this message to {domain}.", place_of(message)
        )
    yield from observe_readers(message, path, decision.speaking)


def not_recorded(session: Session) -> str:
    """Name what SPF needs and the file does not hold."""
    lacking = [
        words
        for value, words in (
            (session.client_ip, "the address that handed it over"),
            (session.mail_from, "the envelope sender"),
        )
        if value is None
    ]
    return " and ".join(lacking) or "an envelope sender that is a domain"


def place_of(message: Message) -> Evidence:
    """Return the From field as evidence, or the beginning of the header where there is none."""
    fields = message.all("from") or message.fields[:1]
    field = fields[0]
    return Evidence(source=f"header:{field.name}[0]", line=field.line, excerpt=excerpt(field.value))


def place_of_received(index: int, header: HeaderField) -> Evidence:
    """Return a Received field as evidence."""
    return Evidence(source=f"header:Received[{index}]", line=header.line, excerpt=excerpt(header.value))


def _signature(message: Message, check: DKIMCheck) -> Evidence:
    field = message.all("dkim-signature")[check.index]
    return Evidence(source=f"header:DKIM-Signature[{check.index}]", line=field.line, excerpt=excerpt(field.value))


def _client(message: Message, path: Path, authentication: Authentication) -> Finding:
    check = next(check for check in authentication.spf if check.result is SPFResult.PASS)
    hop = path.border_hop
    place = place_of_received(hop.field, hop.header) if hop else place_of(message)
    return AUTHOR_CLIENT.found(f"{check.domain} lists {check.client_ip} among its senders ({check.mechanism}).", place)


def _stamp(message: Message, authentication: Authentication) -> Finding:
    stamp = next(
        s for s in trusted_stamps(authentication) if any(c.method == "dmarc" and c.result == "pass" for c in s.results)
    )
    field = message.fields[stamp.field]
    who = excerpt(stamp.authserv_id or "the receiving side")
    return RECEIVER_PASSED.found(
        f"{who} recorded dmarc=pass when it took the message.",
        Evidence(source=f"header:{field.name}", line=field.line, excerpt=excerpt(field.value)),
    )


def _unanswered(decision: Decision, answers: tuple[Answer, ...]) -> Finding:
    open_ = [answer for answer in answers if not answer.is_answered][:_MAX_UNANSWERED]
    places = [
        Evidence(
            source=f"dns:{answer.rrtype} {excerpt(answer.name)}",
            excerpt=excerpt(answer.detail or answer.outcome.lower()),
        )
        for answer in open_
    ] or [Evidence(source="dns", excerpt="no answer")]
    could = " or ".join(word for word in decision.possible if word is not Authenticity.INDETERMINATE)
    return UNANSWERED.found(f"With the missing answers the verdict could be {could}.", *places)


def _authors(message: Message) -> str:
    fields = message.all("from")
    if not fields:
        return "There is no From field."
    if len(fields) > 1:
        return f"There are {len(fields)} From fields; readers are shown one of them."
    domains = sorted({mailbox.domain or "what is no domain name" for mailbox in message.from_ if mailbox.address})
    return f"From names {', '.join(domains)}." if domains else "From names no address."


def _imitates(domain: str | None, imitation: Imitation) -> str:
    reads = excerpt(imitation.reads)
    if not imitation.letters:
        return f"{domain} looks like {reads}, to which the message goes, and is another domain."
    more = f" and {len(imitation.letters) - 3} more" if len(imitation.letters) > 3 else ""
    return f"{domain} reads as {reads}, and is written with {', '.join(imitation.letters[:3])}{more}."


def _unsigned(message: Message, check: DKIMCheck) -> str:
    if check.unsigned_octets and not check.body_length:
        return f"{check.sdid} signed the header alone, and no octet of the body (l=0)."
    if check.unsigned_octets:
        return (
            f"{check.sdid} signed all but the last {check.unsigned_octets} octets of the body (l={check.body_length})."
        )
    names = " and ".join(name.title() for name in half_signed(message, check))
    return f"{check.sdid} signed the lower of two {names} fields; readers are shown the upper."
