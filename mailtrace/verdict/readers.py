"""What a reader goes by, beside what is proved: where answers go, the name that is shown, for whom it was."""

from collections.abc import Iterator, Sequence

from mailtrace.auth.types import DKIMCheck
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import HeaderField, Message
from mailtrace.names.domain import a_labels
from mailtrace.path.types import Path
from mailtrace.patterns import lazy
from mailtrace.results import Confidence, Severity
from mailtrace.verdict.worlds import may_align

ANSWERS_ELSEWHERE = FindingKind(
    code="answers-go-elsewhere",
    title="Answers go to another domain, and the author domain did not sign that",
    severity=Severity.WARNING,
    reference="RFC 6376 §8.15",
)
NAME_IS_ADDRESS = FindingKind(
    code="author-name-misleads",
    title="The name in From is an address of another domain",
    severity=Severity.WARNING,
    reference="RFC 5322 §3.4",
)
RECIPIENT_NOT_NAMED = FindingKind(
    code="recipient-not-named",
    title="The message does not name the recipient for whom it was handed over",
    severity=Severity.INFO,
    reference="RFC 6376 §8.6",
)

_SHOWN = ("reply-to", "to", "cc", "subject", "date")
"""Fields that programs show above the text, or answer to; From is always signed (RFC 6376 §5.4)."""

_NAME_LIMIT = 400
"""Characters of a display name that are looked at."""
_AN_ADDRESS = lazy(r"[^\s@<>()\"',;:]{1,64}@((?:[^\s@<>()\"',;:.\[\]]{1,63}\.){1,10}[^\s@<>()\"',;:.\[\]]{2,63})")


def unsigned_fields(message: Message, passes: Sequence[DKIMCheck]) -> tuple[str, ...]:
    """Return the fields of which no such signature covers one, as they are spelled, in the order of the header."""
    covered = {name for check in passes for name in check.signed_fields}
    fields = (message.by_name[name][0] for name in _SHOWN if name in message.by_name and name not in covered)
    return tuple(excerpt(field.name) for field in sorted(fields, key=lambda field: field.index)) if passes else ()


def observe_readers(message: Message, path: Path, passes: Sequence[DKIMCheck]) -> Iterator[Finding]:
    """Say what a reader may take for the word of the author domain.

    `passes`: its signatures that verify, or that do with a change undone.
    """
    author = message.author_domain
    if author is None:
        return
    yield from _name_is_address(message, author)
    if passes:
        yield from _answers_elsewhere(message, author, passes)
        yield from _recipient_not_named(message, path, author)


def _answers_elsewhere(message: Message, author: str, passes: Sequence[DKIMCheck]) -> Iterator[Finding]:
    elsewhere = answered_elsewhere(message, passes)
    if elsewhere is not None:
        yield ANSWERS_ELSEWHERE.found(
            f"Reply-To names {elsewhere}, and no signature of {author} covers that field: a list may have put it "
            "there, or anybody on the way.",
            _place(message.all("reply-to")[0]),
            confidence=Confidence.MEDIUM,
        )


def answered_elsewhere(message: Message, passes: Sequence[DKIMCheck]) -> str | None:
    """Return the domain to which answers go, if it is not the author's and none of its signatures covers that."""
    author = message.author_domain
    if author is None or not passes or any("reply-to" in check.signed_fields for check in passes):
        return None
    domains = (mailbox.domain for mailbox in message.reply_to)
    return next((domain for domain in domains if domain and not may_align(author, domain)), None)


def _name_is_address(message: Message, author: str) -> Iterator[Finding]:
    """Many programs show the name alone."""
    for mailbox in message.from_:
        name = mailbox.name or ""
        shown = _AN_ADDRESS.search(name[:_NAME_LIMIT]) if "@" in name else None
        domain = a_labels(shown[1]) if shown else None
        if shown and domain and not may_align(author, domain):
            yield NAME_IS_ADDRESS.found(
                f'Readers may be shown "{excerpt(shown[0])}"; the address behind that name is one of {author}.',
                _place(message.all("from")[0]),
                confidence=Confidence.MEDIUM,
            )
            return


def _recipient_not_named(message: Message, path: Path, author: str) -> Iterator[Finding]:
    """A signature does not say for whom a message was: whoever has it can send it to others (RFC 6376 §8.6)."""
    hop = path.border_hop
    recipient = hop.received.recipient.strip("<>").lower() if hop and hop.received.recipient else None
    named = {mailbox.address.lower() for mailbox in (*message.to, *message.cc) if mailbox.address}
    if hop is None or not recipient or "@" not in recipient or recipient in named:
        return
    yield RECIPIENT_NOT_NAMED.found(
        f"It was handed over for {excerpt(recipient)}, whom To and Cc do not name: a blind copy, a list, an alias or a "
        f"forwarding, or a message of {author} that somebody sent again: a signature does not say to whom.",
        Evidence(source=f"header:Received[{hop.field}]", line=hop.header.line, excerpt=excerpt(hop.header.value)),
    )


def _place(field: HeaderField) -> Evidence:
    return Evidence(source=f"header:{field.name}[0]", line=field.line, excerpt=excerpt(field.value))
