"""What SMTP saw at the border: client address, HELO name and reverse-path, the inputs of SPF (RFC 7208 §4.1).

Each identity comes from the most direct record that the receiving side left, and says which. Nothing below the border
is asked, and the From field never stands in for the envelope (RFC 7208 §2.4 knows no such thing). What the examiner
gives wins over everything. Pure: no DNS, no clock.
"""

from collections.abc import Iterator, Sequence

from mailtrace.auth.return_path import read_back
from mailtrace.auth.types import ClaimedResults, MethodClaim, Session, Source
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import Message
from mailtrace.path.addresses import AddressKind, kind_of, read_address
from mailtrace.path.types import Hop, Path
from mailtrace.results import Confidence, Severity, Standing

CLIENT_NOT_PUBLIC = FindingKind(
    code="session-client-not-public",
    title="The client at the border has no public address, so SPF cannot be judged",
    severity=Severity.NOTICE,
    reference="RFC 7208 §4.1",
)
CLIENT_DISPUTED = FindingKind(
    code="session-client-disputed",
    title="The receiver's SPF stamp speaks of another client than the border's",
    severity=Severity.NOTICE,
    reference="RFC 7208 §9.1",
)
MAIL_FROM_UNKNOWN = FindingKind(
    code="session-mail-from-unknown",
    title="The envelope sender is not recorded by the receiving side",
    severity=Severity.INFO,
    reference="RFC 7208 §2.4",
)

_UNKNOWN = (None, None)


def spf_client(session: Session) -> str | None:
    """Return the address to evaluate SPF for; None if there is none that an SPF record could list.

    A private address at the border says that the border is not where the message came in, or that something stood
    in front of it: evaluating SPF for it would always fail, and mean nothing. One that was given is taken at its word.
    """
    if session.client_ip is None or session.client_ip_source is Source.GIVEN:
        return session.client_ip
    return session.client_ip if kind_of(session.client_ip) is AddressKind.PUBLIC else None


def session_of(message: Message, path: Path, given: Session | None, claims: Sequence[ClaimedResults]) -> Session:
    """Gather the SMTP session at the border. `given` wins; what nobody trusted recorded is None."""
    border = path.border_hop
    spf = _trusted_spf(claims)
    given = given or Session()
    client_ip, client_ip_source = _first(
        (read_address(given.client_ip or ""), Source.GIVEN),
        (border.received.client_ip if border else None, Source.RECEIVED),
        (_stamped_client(spf), Source.RECEIVED_SPF),
    )
    helo, helo_source = _first(
        (given.helo, Source.GIVEN),
        (border.received.helo if border else None, Source.RECEIVED),
        (_stamped(spf, "helo", "smtp.helo"), Source.RECEIVED_SPF),
    )
    mail_from, mail_from_source = _first(
        (_reverse_path(given.mail_from), Source.GIVEN),
        *_recorded_mail_from(message, border, spf),
    )
    return Session(
        client_ip=client_ip,
        client_ip_source=client_ip_source,
        helo=helo,
        helo_source=helo_source,
        mail_from=mail_from,
        mail_from_source=mail_from_source,
        rewritten=read_back(mail_from, border.received.received_at if border else None),
    )


def _first(*candidates: tuple[str | None, Source]) -> tuple[str | None, Source | None]:
    return next((candidate for candidate in candidates if candidate[0] is not None), _UNKNOWN)


def _recorded_mail_from(
    message: Message, border: Hop | None, spf: Sequence[MethodClaim]
) -> Iterator[tuple[str | None, Source]]:
    """Give what the receiving side wrote of MAIL FROM, most direct first.

    RFC 5321 §4.4: the final delivery puts the Return-Path on top of what it received. If a forwarding inside the
    receiving side has changed the envelope since, the border's own field says otherwise, and is right for SPF.
    """
    on_top = _return_path_above(message, border)
    received = _reverse_path(border.received.mail_from) if border else None
    if on_top is not None and (received is None or received.lower() == on_top.lower()):
        yield on_top, Source.RETURN_PATH
    yield received, Source.RECEIVED
    stamped = _reverse_path(_stamped(spf, "envelope-from", "smtp.mailfrom"))
    if stamped is not None and "@" not in stamped and stamped != "<>":
        # Exchange Online stamps the domain alone, and writes the Return-Path at the foot of its header: there it
        # counts as far as the stamp bears it out. `@example.com` is a sender of whom only the domain is known.
        stamped = f"@{stamped}"
        anywhere = _reverse_path(message.return_path)
        if anywhere is not None and anywhere.lower().endswith(stamped.lower()):
            yield anywhere, Source.RETURN_PATH
    yield stamped, Source.RECEIVED_SPF


def _return_path_above(message: Message, border: Hop | None) -> str | None:
    fields = message.all("Return-Path")
    received = message.all("Received")
    limit = border.header if border else received[0] if received else None
    if not fields or (limit is not None and fields[0].index > limit.index):
        return None
    return _reverse_path(message.return_path)


def _reverse_path(text: str | None) -> str | None:
    """Return an address without angle brackets, `<>` for the null reverse-path, None for nothing."""
    if text is None:
        return None
    bare = text.strip()
    if bare == "<>":
        return bare
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    return bare or None


def _trusted_spf(claims: Sequence[ClaimedResults]) -> tuple[MethodClaim, ...]:
    """Return the SPF results of trusted stamps, the one nearest to the border first."""
    return tuple(
        result
        for claim in reversed(claims)
        if claim.standing is Standing.TRUSTED
        for result in claim.results
        if result.method == "spf"
    )


def _stamped(spf: Sequence[MethodClaim], *keys: str) -> str | None:
    return next((claim.properties[key] for claim in spf for key in keys if claim.properties.get(key)), None)


def _stamped_client(spf: Sequence[MethodClaim]) -> str | None:
    """Return the client that the stamps speak of: `client-ip`, or Exchange Online's `sender IP is 192.0.2.1`."""
    for claim in spf:
        _, _, in_comment = claim.properties.get("comment", "").lower().partition("sender ip is ")
        client = read_address(claim.properties.get("client-ip") or in_comment.partition(" ")[0])
        if client is not None:
            return client
    return None


def session_findings(
    message: Message, path: Path, session: Session, claims: Sequence[ClaimedResults]
) -> tuple[Finding, ...]:
    """Say what the session leaves open: a client that cannot be judged or is disputed, an unknown envelope sender."""
    border = path.border_hop
    if border is None:
        return ()
    place = Evidence(
        source=f"header:Received[{border.field}]",
        line=border.header.line,
        excerpt=excerpt(border.header.value),
    )
    return tuple(_observed(message, session, _stamped_client(_trusted_spf(claims)), place))


def _observed(message: Message, session: Session, stamped: str | None, place: Evidence) -> Iterator[Finding]:
    if session.client_ip is not None and spf_client(session) is None:
        yield CLIENT_NOT_PUBLIC.found(
            f"{session.client_ip} is not an address of the public Internet: the message came in elsewhere, "
            "or through a proxy.",
            place,
        )
    elif session.client_ip_source is Source.RECEIVED and stamped not in (None, session.client_ip):
        yield CLIENT_DISPUTED.found(
            f"The stamp judged {stamped}; the client in the border's Received field is {session.client_ip}.",
            place,
            confidence=Confidence.MEDIUM,
        )
    if session.mail_from is None:
        unvouched = "; the Return-Path stands below the border" if message.return_path is not None else ""
        yield MAIL_FROM_UNKNOWN.found(f"No trusted field names the envelope sender{unvouched}.", place)
