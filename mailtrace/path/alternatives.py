"""Other readings of the border: where it would be if something holds that the fields cannot show.

A filter in front of the mailbox, a forwarder, a list, a mailbox that passes everything on: only the people who run the
receiving side know whether such a machine is theirs. The border stays where it is proved, and each other reading says
what would have to be so, which client and receiver would follow, and which `--trust` value makes it so. What is read
here may be the sender's own invention: nothing of it decides anything.
"""

from collections.abc import Iterator, Sequence

from mailtrace.findings import Finding, FindingKind, excerpt
from mailtrace.message.types import Message
from mailtrace.path.border import Border, find_border
from mailtrace.path.intermediaries import APPLIANCES, INTERMEDIARIES, Role, intermediary_named
from mailtrace.path.kinds import one_name, organisation
from mailtrace.path.places import place
from mailtrace.path.rows import Row
from mailtrace.path.trust import Trust
from mailtrace.path.types import BorderBasis, HopKind, OtherBorder
from mailtrace.records import Struct
from mailtrace.results import Confidence, Severity

OTHER_READING = FindingKind(
    code="border-other-reading",
    title="The border can be read in another way",
    severity=Severity.INFO,
    reference="RFC 5598 §2.3",
)

MAX_READINGS = 3
_REACH = 6
"""Fields below the border among which the one is sought that its client wrote."""
_ORIGINS = frozenset({HopKind.SUBMISSION, HopKind.HTTP})
"""Where a user's program handed the message in, the sending side ends; no reading makes that a receiving border."""
_LIST_FIELDS = ("list-id", "list-post")


class Other(Struct, frozen=True, kw_only=True):
    """Another border, and the condition under which it holds."""

    border: Border
    condition: str
    basis: BorderBasis
    client_ip: str | None
    trust: tuple[str, ...]
    """All that must be given besides what was given; empty: no value can prove it."""


class Hints(Struct, frozen=True, kw_only=True):
    """What other fields say. All of it is the sender's word, and serves to leave a reading out or to name it."""

    senders: frozenset[str]
    """Organisations of the author and of the envelope sender."""
    lists: frozenset[str]
    rewriter: str | None
    """Who rewrote the envelope sender (SRS)."""


class _Link(Struct, frozen=True, kw_only=True):
    """The border's client, joined to who says to have written the field below."""

    row: Row
    run: tuple[Row, ...]
    """The fields below the border down to the one of the other reading."""
    who: str
    basis: BorderBasis


def hints_of(message: Message) -> Hints:
    """Collect them."""
    local, _, domain = (message.return_path or "").rpartition("@")
    envelope = organisation(domain)
    author = organisation(message.author_domain)
    posts = [field.value[:1000].rstrip("> ").rpartition("@")[2] for name in _LIST_FIELDS for field in message.all(name)]
    lists = {organisation(text.rpartition("<")[2].rstrip(">")) for text in posts}
    return Hints(
        senders=frozenset(_party(name) or name for name in (author, envelope) if name),
        lists=frozenset(_party(name) or name for name in lists if name),
        rewriter=_party(envelope) if local[:5].lower() in ("srs0=", "srs1=", "srs0+", "srs1+") else None,
    )


def find_others(rows: Sequence[Row], trust: Trust, border: Border, message: Message) -> tuple[Other, ...]:
    """Find them, each further down than the one before and built on it."""
    others: list[Other] = []
    at = border
    while len(others) < MAX_READINGS and at.number is not None:
        other = _beyond(rows, trust, at.number, message, others[-1].trust if others else ())
        if other is None:
            break
        others.append(other)
        if not other.trust:
            break
        at = other.border
    return tuple(others)


def as_borders(others: Sequence[Other], count: int) -> tuple[OtherBorder, ...]:
    """Return them by the index of their hop, among so many."""
    return tuple(
        OtherBorder(
            index=count - other.border.trusted,
            condition=other.condition,
            basis=other.basis,
            client_ip=other.client_ip,
            receiver=other.border.receiver,
            trust=other.trust,
        )
        for other in others
    )


def other_readings(rows: Sequence[Row], border: Border, others: Sequence[Other]) -> tuple[Finding, ...]:
    """Return the finding that says so, if there is another reading."""
    if not others or border.number is None or others[0].border.number is None:
        return ()
    first, here, there = others[0], rows[border.number], rows[others[0].border.number]
    client = first.client_ip or "one whose address is not written"
    settled = f"--trust {' --trust '.join(first.trust)} says so" if first.trust else "only that server's log shows it"
    finding = OTHER_READING.found(
        f"If {first.condition}, the client at the border is {client}; {settled}.",
        place(here.number, here.header),
        place(there.number, there.header),
        confidence=Confidence.MEDIUM if first.basis is BorderBasis.SEEN else Confidence.LOW,
    )
    return (finding,)


def _beyond(rows: Sequence[Row], trust: Trust, at: int, message: Message, more: tuple[str, ...]) -> Other | None:
    if at + 1 >= len(rows):
        return None
    row = rows[at]
    if row.facts.hides_client and not row.facts.is_edge:
        return _behind_hidden(rows, trust.also(*more), at)
    address = row.received.client_ip
    if address is None:
        return None
    trial = find_border(rows, trust.also(*more, address))
    if trial.number is None or trial.number <= at or rows[trial.number].facts.kind in _ORIGINS:
        return None
    link = _link(row, tuple(rows[at + 1 : trial.number + 1]))
    condition = None if link is None else next(_conditions(link, hints_of(message)), None)
    if link is None or condition is None:
        return None
    client = rows[trial.number].received.client_ip
    return Other(border=trial, condition=condition, basis=link.basis, client_ip=client, trust=(*more, address))


def _behind_hidden(rows: Sequence[Row], trust: Trust, number: int) -> Other | None:
    """A server that does not write its client's address, above a field of the same organisation."""
    own = rows[number].facts.writer
    if own is None or rows[number + 1].facts.writer != own:
        return None
    below = find_border(rows[number + 1 :], trust)
    if below.number is None:
        return None
    at = number + 1 + below.number
    moved = Border(
        number=at,
        source=below.source,
        reason=below.reason,
        receiver=below.receiver,
        trusted=at + 1,
        matched=below.matched,
    )
    return Other(
        border=moved,
        condition=f"the client whose address {_host(rows[number])} does not write is a machine of {own}",
        basis=BorderBasis.CLAIMED,
        client_ip=rows[at].received.client_ip,
        trust=(),
    )


def _link(row: Row, run: tuple[Row, ...]) -> _Link | None:
    """Join the border's client to the writer of the fields below: by a name that was seen, or that was merely said."""
    who = next((party for one in run[:_REACH] if (party := _writer(one)) is not None), None)
    if who is None:
        return None
    if _party(row.facts.confirmed) == who:
        return _Link(row=row, run=run, who=who, basis=BorderBasis.SEEN)
    said = (_party(organisation(row.received.client_name)), _party(organisation(row.received.helo)))
    return _Link(row=row, run=run, who=who, basis=BorderBasis.CLAIMED) if who in said else None


def _conditions(link: _Link, hints: Hints) -> Iterator[str]:
    """Yield what would have to be so, the most telling first; a filter of the sending side ends it."""
    own, host = _writer(link.row), _host(link.run[0])
    service, keeper = intermediary_named(link.who), intermediary_named(own)
    if keeper is not None and keeper.role is Role.ARCHIVE:
        yield f"{keeper.title} archives for the receiving side, and {link.who} passed it on to the archive"
    if title := _filter(link):
        if _is_senders(link, hints):
            return
        yield f"{host} ({title}) filters for the receiving side, not for the sending side"
    if service is not None and service.role is Role.FORWARDER:
        yield f"{host} ({service.title}) forwards for the recipient"
    if link.who in hints.lists or any(one.facts.kind is HopKind.LIST for one in link.run):
        yield f"the mailing list at {link.who} is taken for the receiving side's own"
    if link.run[-1].facts.is_edge and _writer(link.run[-1]) == link.who:
        yield f"the mailbox at {link.who} that passed it on belongs to the receiving side"
    if link.who == _party(organisation((link.row.received.recipient or "").rpartition("@")[2])):
        yield f"{host} takes mail over for {link.who}, the recipient's own domain"
    if link.who == own:
        yield f"{link.row.received.client_ip} is a machine of {own}"
    if link.who == hints.rewriter:
        yield f"{host}, which rewrote the envelope sender, forwards for the recipient"
    if (earlier := _other_recipient(link)) is not None:
        yield f"{earlier}, for whom {host} took it, is the recipient's as well"
    if own is not None and link.who.partition(".")[0] == own.partition(".")[0]:
        yield f"{link.who} and {own} are one organisation"


def _filter(link: _Link) -> str | None:
    """Return what the filter is called, if the border's client is one: by its domain, or by its software."""
    service = intermediary_named(link.who)
    if service is not None:
        return service.title if service.role is Role.FILTER else None
    rows = [one.reading.dialect for one in link.run if _writer(one) == link.who]
    return next((APPLIANCES[row.software] for row in rows if row is not None and row.software in APPLIANCES), None)


def _is_senders(link: _Link, hints: Hints) -> bool:
    """The filter took it from the author's own side, by a name that it found: then it worked for the sender."""
    client = _party(organisation(link.run[-1].received.client_name))
    return link.who in hints.senders or client in hints.senders


def _other_recipient(link: _Link) -> str | None:
    """Return for whom the border's client took it, if that was somebody else than the border says."""
    now = link.row.received.recipient
    before = next((to for one in link.run if (to := one.received.recipient) is not None), None)
    if now is None or before is None or before.lower() == now.lower():
        return None
    return excerpt(before[:100])


def _writer(row: Row) -> str | None:
    """Return who wrote the field, under the one name of a provider or a service."""
    if (own := _party(row.facts.writer)) is not None:
        return own
    software = row.reading.dialect.software if row.reading.dialect else None
    return next((one.domains[0] for one in INTERMEDIARIES if one.title == software), None)


def _party(own: str | None) -> str | None:
    service = intermediary_named(own)
    return one_name(own) if service is None else service.domains[0]


def _host(row: Row) -> str:
    return excerpt((row.received.by or "the server below the border")[:100])
