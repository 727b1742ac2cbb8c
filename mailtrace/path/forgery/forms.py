"""Whose form a provider's servers write: a field that names such a server, and does not look like that, is not its own.

A row says how the host is recognised and what its fields always have. Only what was seen in every field of that host
stands here; a provider may change its form any day, so that this is an observation and no proof.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from mailtrace.findings import Finding, FindingKind
from mailtrace.path.addresses import read_address
from mailtrace.path.forms import of_form
from mailtrace.path.places import place_of, writer
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop, Received
from mailtrace.records import Struct
from mailtrace.results import Confidence, Severity

NOT_ITS_FORM = FindingKind(
    code="hop-not-provider-form",
    title="A field names a provider's server, and does not have the form that it writes",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)

_LIMIT = 300


class ProviderForm(Struct, frozen=True, kw_only=True):
    """What the fields of a host always have. Every pattern that is given must match from the beginning."""

    provider: str
    under: tuple[str, ...]
    """The domains that such hosts are in; a host of another is held against no pattern."""
    host: str
    """The whole `by` host."""
    words: str | None = None
    """The words of the `with` clause."""
    id: str | None = None
    comment: str | None = None
    """Some comment."""
    has_address: bool = False
    """Some comment is an address."""
    since: datetime | None = None
    """It looked otherwise before."""

    def missing(self, received: Received) -> str | None:
        """Say what the field lacks; None for nothing."""
        if self.words is not None and not re.match(self.words, (received.with_text or "")[:_LIMIT], re.IGNORECASE):
            return f"its `with` is not one that {self.provider} writes"
        if self.id is not None and not re.fullmatch(self.id, (received.id or "")[:_LIMIT], re.ASCII):
            return f"its id is none of {self.provider}"
        comments = [comment[:_LIMIT] for comment in received.comments[:16]]
        if self.comment is not None and not any(re.match(self.comment, comment) for comment in comments):
            return f"it lacks the comment that {self.provider} writes"
        if self.has_address and not any(read_address(comment.partition(" ")[0]) for comment in comments):
            return f"it lacks the addresses that {self.provider} writes"
        return None


_MICROSOFT = r".+\.(?:mail\.protection|eop-\w+\.prod\.protection|prod)\.outlook\.com|.+\.prod\.exchangelabs\.com"
FORMS = (
    ProviderForm(
        provider="Gmail", under=(".google.com",), host=r"mx\.google\.com", words=r"(?:UTF8)?E?SMTPS?A?$",
        id=r"[\w-]+\.(?:[\w-]+\.)*20\d\d\.\d\d\.\d\d\.\d\d\.\d\d\.\d\d", since=datetime(2008, 1, 1, tzinfo=UTC),
    ),
    ProviderForm(provider="Gmail", under=(".google.com",), host=r"gmailapi\.google\.com", words="HTTPREST"),
    ProviderForm(
        provider="Exchange Online", under=(".outlook.com", ".exchangelabs.com"), host=_MICROSOFT,
        words=r"Microsoft SMTP Server|MailboxResubmission|mapi|HTTPS?",
    ),
    ProviderForm(
        provider="Exchange Online", under=(".outlook.com",), host=r".+\.mail\.protection\.outlook\.com",
        has_address=True, words="Microsoft SMTP Server", id=r"\d{1,3}\.\d{1,3}\.\d{1,5}\.\d{1,5}",
    ),
    ProviderForm(
        provider="Proton Mail", under=(".protonmail.ch",), host=r"mail(?:in)\w+\.protonmail\.ch", comment=r"Postfix$",
    ),
    ProviderForm(provider="Yahoo", under=(".yahoo.com",), host=r"mta\d+[\w.-]*\.yahoo\.com", comment=r"(?:EHLO|HELO) "),
    ProviderForm(
        provider="Amazon SES", under=(".amazonaws.com",), host=r"inbound-smtp\.[a-z0-9-]+\.amazonaws\.com",
        words=r"E?SMTPS?A?$",
    ),
)  # fmt: skip


def is_of_provider(row: Row) -> bool:
    """Tell whether it is known what the fields of that host look like."""
    return bool(_forms_of(row.received))


def observe_form(hop: Hop, row: Row) -> Iterator[Finding]:
    """Say what a field lacks that its server always writes."""
    received = row.received
    for form in _forms_of(received):
        if _is_older(received, form):
            continue
        if missing := form.missing(received):
            yield NOT_ITS_FORM.found(
                f"{writer(hop)} has the name of a server of {form.provider}, "
                f"and the field is not as it writes them: {missing}.",
                place_of(hop),
                confidence=Confidence.MEDIUM,
            )
            return


@of_form
def _forms_of(received: Received) -> tuple[ProviderForm, ...]:
    host = (received.by or "")[:_LIMIT]
    return tuple(
        form for form in FORMS if host.lower().endswith(form.under) and re.fullmatch(form.host, host, re.IGNORECASE)
    )


def _is_older(received: Received, form: ProviderForm) -> bool:
    return form.since is not None and received.received_at is not None and received.received_at < form.since
