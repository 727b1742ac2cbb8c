"""The verdict in words: a summary that can be read to a customer, and what to do next.

Every sentence says no more than the rule that decided; who recorded an encryption is always named.
"""

from collections.abc import Iterator

from mailtrace.auth.types import Authentication, DKIMCheck
from mailtrace.findings import excerpt
from mailtrace.message.types import Message
from mailtrace.path.types import BorderSource, Hop, Path
from mailtrace.results import (
    Authenticity,
    Comparison,
    Confidence,
    DMARCPolicy,
    DMARCResult,
    Grade,
    Security,
    SPFResult,
    TransportAnswer,
)
from mailtrace.transport.types import HopTransport
from mailtrace.verdict.authenticity import BASES, Decision, Rule
from mailtrace.verdict.causes import Causes
from mailtrace.verdict.observed import not_recorded
from mailtrace.verdict.readers import answered_elsewhere
from mailtrace.verdict.worlds import may_align, own_senders, passes_by_another, rests_on_archive

_SENTENCES = {
    Rule.UNANSWERED: "Whether {domain} authorised this message cannot be said: DNS answers are missing "
    "(it could be {words}).",
    Rule.ENFORCED_FAIL: "{domain} did not authorise this message, and asks receivers {asked}.",
    Rule.CLAIMED_CAUSE: "{domain} does not vouch for this message in the form it has here; "
    "it shows {causes}, which would explain that but is not proved.",
    Rule.OTHER_TIME: "By DNS of another time {domain} did not authorise this message; it may have done so then.",
    Rule.MONITORED_FAIL: "{domain} does not vouch for this message; "
    "its policy does not ask receivers to refuse such mail.",
    Rule.AUTHORS: "The message does not name one author at one domain, so nobody can vouch for it.",
    Rule.LOOK_ALIKE: "{domain} looks like {imitated}, and is another domain.",
    Rule.CONTRADICTION: "The receiving side's own record of the way contradicts itself.",
    Rule.UNSIGNED_SHOWN: "{signer} signed this message, but a reader is shown more than was signed.",
    Rule.OWN_SPF_FAIL: "The server that sent this message may not send for {sender}.",
    Rule.DKIM: "{signer} signed this message, and the signature verifies{key}.",
    Rule.SPF: "{listing} authorises the server that handed this message over{client}.",
    Rule.STAMP: "The receiving server recorded that {domain} authorised this message.",
    Rule.SPF_INFERRED: "The server that handed this message over may send for {listed}, "
    "if the border between sender and receiver is where it seems to be.",
    Rule.SHARED_SUFFIX: "Nothing but {other} vouches for this message as one of {domain}, "
    "and by the public suffix list the two may have different owners.",
    Rule.SHARED_SUFFIX_FAIL: "Nothing but {other} vouches for this message as one of {domain}, "
    "and by the public suffix list the two may have different owners.",
    Rule.NOT_JUDGED: "Nothing proves that {domain} sent this message; the file does not record {lacking}.",
    Rule.RECONSTRUCTED: "Nothing proves that {domain} sent this message; this file does not keep what it signed.",
    Rule.NOTHING: "Nothing proves that {domain} sent this message, and nothing speaks against it.",
}

# RFC 9989 §4.7: what is quarantined may be valid, and is suspicious.
_ASKED = {
    DMARCPolicy.REJECT: "not to accept such mail",
    DMARCPolicy.QUARANTINE: "to treat such mail as suspicious",
}


def summary(
    message: Message,
    path: Path,
    hops: tuple[tuple[Hop, HopTransport], ...],
    authentication: Authentication,
    decision: Decision,
    word: TransportAnswer,
) -> str:
    """Say both answers in a sentence each. `hops`: those that decide about transport."""
    first = _authenticity(message, path, authentication, decision)
    return f"{first} {_transport(path, hops, word)}"


def _authenticity(message: Message, path: Path, authentication: Authentication, decision: Decision) -> str:
    domain = message.author_domain or "the author's domain"
    if decision.rule is Rule.PROVED_CAUSE:
        return _proved(domain, decision.causes)
    if decision.rule is Rule.OTHER_TIME and (path.border_hop is None or path.border_hop.received.received_at is None):
        return (
            f"By the DNS answers at hand {domain} did not authorise this message; "
            "when it was received is not recorded, and it may have done so then."
        )
    hidden = decision.causes.overshadowed
    if hidden and decision.rule in (Rule.CLAIMED_CAUSE, Rule.MONITORED_FAIL, Rule.OTHER_TIME):
        return f"{domain} signed another form of this message: {_overshadowed(hidden)}; who changed it is not proved."
    dmarc = authentication.dmarc
    if decision.rule is Rule.MONITORED_FAIL and dmarc.policy in _ASKED:
        older = "it passes" if dmarc.rfc7489.result is DMARCResult.PASS else "no such policy applies"
        return (
            f"{domain} does not vouch for this message, and asks receivers {_ASKED[dmarc.policy]} by RFC 9989; "
            f"by the older rules for DMARC (RFC 7489) {older}."
        )
    spf = next((check for check in authentication.spf if check.result is SPFResult.PASS), None)
    return _SENTENCES[decision.rule].format(
        domain=domain,
        words=", ".join(word for word in decision.possible if word is not Authenticity.INDETERMINATE),
        causes=" and ".join(decision.causes.claimed),
        key=" with a key from the archive that was given" if rests_on_archive(decision.passes) else "",
        client=f" ({spf.client_ip})" if spf else "",
        lacking=not_recorded(authentication.session),
        imitated=excerpt(decision.imitates.reads) if decision.imitates else "",
        signer=_speaker(decision.passes[0].sdid if decision.passes else None, domain),
        listing=_speaker(spf.domain if spf else None, domain),
        listed=_speaker(spf.domain if spf else None, domain, ending=True),
        sender=_refusing(message, authentication) or domain,
        other=passes_by_another(message, authentication) or "",
        asked=_ASKED.get(dmarc.policy or DMARCPolicy.REJECT, ""),
    )


def _speaker(name: str | None, domain: str, *, ending: bool = False) -> str:
    """Name who signed or listed the client: the author domain, or one that is aligned with it (RFC 9989 §4.4)."""
    if name is None or name == domain:
        return domain
    return f"{name}, which by DMARC speaks for {domain}" + ("" if ending else ",")


def _refusing(message: Message, authentication: Authentication) -> str | None:
    """Return the domain whose SPF record refuses the client: the author's, or another name of its organisation."""
    own = own_senders(message.author_domain, authentication)
    return next((check.domain for check in own if check.result is SPFResult.FAIL), None)


def _overshadowed(check: DKIMCheck) -> str:
    change = check.alteration
    if change is not None and change.hides is not None:
        from mailtrace.auth.autopsy.hiding import TOLD, Hiding  # noqa: PLC0415 - there was an autopsy

        return TOLD[Hiding(change.hides)]
    if change is not None and change.mostly_unsigned:
        return "most of the text that is read here was added to it"
    return "a reader is shown more than was signed"


def _proved(domain: str, proved: Causes) -> str:
    if proved.altered:
        from mailtrace.auth.autopsy.words import clause  # noqa: PLC0415 - there was an autopsy

        form = clause(proved.altered.alteration) if proved.altered.alteration else "in another form"
        key = ", by a key from the archive that was given" if proved.altered.key_source == "archive" else ""
        return f"{proved.altered.sdid or domain} signed this message {form}{key}; who changed it is not proved."
    if proved.vouched:
        return f"A forwarder that you trust says that {domain} authorised this message before it was passed on."
    if proved.stamped_fail:
        return (
            f"The receiving side recorded both: that {domain} authorised this message (dmarc=pass), "
            "and that it did not (dmarc=fail)."
        )
    return f"The receiving server recorded that {domain} authorised this message; that cannot be verified here and now."


def _transport(path: Path, hops: tuple[tuple[Hop, HopTransport], ...], word: TransportAnswer) -> str:
    if word is TransportAnswer.LOCAL:
        return "Every hop that is recorded lies within one organisation."
    if not hops:
        return "No trusted record says how it was handed over."
    hop, facts = _telling(hops, word)
    who = excerpt(hop.received.by or path.receiver or "the receiving server")
    if word is TransportAnswer.ENCRYPTED:
        weak = " (obsolete parameters)" if facts.grade in (Grade.WEAK, Grade.BROKEN) else ""
        return f"It was handed over {_how(facts)}{weak}, as recorded by {who}."
    if word is TransportAnswer.UNRECORDED:
        return f"Whether it was encrypted on the way is not recorded by {who}."
    if word is TransportAnswer.CLEARTEXT and facts.confidence is not Confidence.HIGH:
        return f"It was probably handed over without encryption: {who} recorded none, but may not write it down."
    if word is TransportAnswer.CLEARTEXT:
        return f"It was handed over without encryption, as recorded by {who}."
    # Cleartext here and silence there is a mix as well, and nothing of it is encrypted.
    part = "Only a part" if any(facts.security is Security.ENCRYPTED for _, facts in hops) else "No part"
    return f"{part} of the way is recorded as encrypted: the hop to {who} {_missing(facts)}."


def _missing(facts: HopTransport) -> str:
    if facts.security is not Security.CLEARTEXT:
        return "is not recorded as encrypted"
    return "was not encrypted" if facts.confidence is Confidence.HIGH else "was probably not encrypted"


def _telling(hops: tuple[tuple[Hop, HopTransport], ...], word: TransportAnswer) -> tuple[Hop, HopTransport]:
    """Choose the hop to name: the worst one of an encrypted way, of another the one that was most surely cleartext."""
    if word is TransportAnswer.ENCRYPTED:
        order = {Grade.BROKEN: 0, Grade.WEAK: 1}
        return min(hops, key=lambda pair: order.get(pair[1].grade, 2) if pair[1].grade else 2)
    worst = {Security.CLEARTEXT: 0, Security.UNRECORDED: 1}
    return min(hops, key=lambda pair: (worst.get(pair[1].security, 2), pair[1].confidence is not Confidence.HIGH))


def _how(facts: HopTransport) -> str:
    version = facts.tls.version if facts.tls else None
    if version is None:
        return "encrypted"
    # `TLS 1` alone could be any of them.
    named = "TLS 1.0" if version == "TLSv1" else version.replace("TLSv", "TLS ").replace("SSLv", "SSL ")
    return f"with {named}"


def next_steps(
    message: Message,
    path: Path,
    hops: tuple[tuple[Hop, HopTransport], ...],
    authentication: Authentication,
    decision: Decision,
    word: TransportAnswer,
) -> tuple[str, ...]:
    """Say what to do, or what would settle it; `hops` are those that decide how it was handed over."""
    steps = _next_steps(message, path, authentication, decision)
    return (*steps, *_transport_steps(path, hops, authentication, word))


def _next_steps(message: Message, path: Path, authentication: Authentication, decision: Decision) -> Iterator[str]:
    domain = message.author_domain or "the author's domain"
    rule = decision.rule
    if rule is Rule.UNANSWERED:
        yield "Run it again with live DNS, or with a recording that holds the missing answers."
    elif decision.authenticity is Authenticity.FORGED:
        yield f"Treat links and attachments as hostile; report it to the abuse desk of {domain}."
    elif rule in (Rule.CLAIMED_CAUSE, Rule.MONITORED_FAIL, Rule.OTHER_TIME):
        yield f"Ask the author by another channel whether they sent this; {domain}'s outgoing log settles it."
        if rule is Rule.OTHER_TIME:
            yield "A DNS recording from the time of reception, or the receiver's log, shows what held then."
        if "a mailing list" in decision.causes.claimed or "a forwarder" in decision.causes.claimed:
            yield "Ask the operator of the list or forwarder for the message as it came in."
    elif decision.authenticity is Authenticity.SUSPICIOUS:
        yield "Do not act on this message before its author has confirmed it by another channel."
    speaks_for_author = decision.authenticity is Authenticity.AUTHENTIC or rule is Rule.PROVED_CAUSE
    if speaks_for_author and answered_elsewhere(message, decision.speaking):
        yield "Answer to the address in From, not to the one in Reply-To, until its author has confirmed that one."
    yield from _key_steps(message, authentication, decision)
    if rule is Rule.PROVED_CAUSE and decision.causes.altered:
        yield _read_without(domain, decision.causes.altered)
    elif rule is Rule.SPF_INFERRED or (rule is Rule.PROVED_CAUSE and path.border_source is BorderSource.INFERRED):
        yield _name_border(path)
    elif rule in (Rule.NOTHING, Rule.NOT_JUDGED, Rule.SHARED_SUFFIX):
        if rule is Rule.NOT_JUDGED and path.border_hop and authentication.session.mail_from is None:
            who = excerpt(path.border_hop.received.by or "the receiving server")
            yield f"The log of {who} has the envelope sender: give it with --mail-from."
        if not path.hops:
            yield "Ask the recipient for the message as it was delivered, with its full header (not a forwarded copy)."
        else:
            yield f"Ask the author by another channel, or the administrator of {domain} for its outgoing log."
    elif rule is Rule.RECONSTRUCTED:
        yield "Ask for the message as it was delivered (an .eml file): only over that can its signatures be checked."


_KEY_OF_THEN = frozenset({"key-missing", "key-revoked", "signature-mismatch", "key-unusable"})
"""What is wrong with a signature that another key, the one of that time, could still put right."""


def _key_steps(message: Message, authentication: Authentication, decision: Decision) -> Iterator[str]:
    """Name the key that would settle it: the author's own signature is there, and its key is not."""
    if decision.rule in BASES or decision.rule is Rule.UNANSWERED:
        return
    for check in authentication.dkim:
        if check.problem in _KEY_OF_THEN and may_align(message.author_domain, check.sdid) and check.selector:
            name = excerpt(f"{check.selector}._domainkey.{check.sdid}")
            key = f"The key that stood at {name} at the time (give an archived copy with --keys)"
            if check.body_hash is Comparison.MISMATCH:
                yield f"{key} would show whether {check.sdid} signed it, with another body than this one."
            else:
                yield f"{key} would settle it."
            return


def _read_without(domain: str, check: DKIMCheck) -> str:
    if check.alteration is not None and check.alteration.form_only:
        return f"Only the form was changed: the text and the signed fields say what {domain} signed."
    links = ", its links above all" if check.alteration is not None and check.alteration.octets else ""
    return f"Take what was changed for nobody's word{links}; the rest of what was signed is {domain}'s."


def _name_border(path: Path) -> str:
    who = path.receiver or "the receiving side"
    return (
        f"If {who} is the receiving side, say so with --trust .{who} and the result counts."
        if path.receiver
        else ("Name the receiving side with --trust, and the result counts.")
    )


def _transport_steps(
    path: Path,
    hops: tuple[tuple[Hop, HopTransport], ...],
    authentication: Authentication,
    word: TransportAnswer,
) -> Iterator[str]:
    if not hops or word in (TransportAnswer.ENCRYPTED, TransportAnswer.LOCAL):
        return
    hop, facts = _telling(hops, word)
    who = excerpt(hop.received.by or "the receiving server")
    if facts.security is not Security.CLEARTEXT:
        yield f"The log of {who} would say whether TLS was used."
        return
    client = hop.received.client_ip
    if hop is path.border_hop:
        client = authentication.session.client_ip or client
    sender = f"of the server that handed it over ({client})" if client else "of the server that handed it over"
    # The sending side starts TLS, or does not: RFC 3207 §4.
    asked = "why it did not use TLS" if facts.confidence is Confidence.HIGH else "whether it used TLS"
    yield f"Ask the administrators {sender} {asked}; {who} has a log of the connection."
