"""Evidence: everything that was found, as the answers are made of it. Types only."""

from datetime import tzinfo

from mailtrace.delivery.answer import RecipientAnswer
from mailtrace.delivery.coverage import Coverage
from mailtrace.delivery.join import Trail
from mailtrace.delivery.mailboxes import Copy
from mailtrace.delivery.query import Query
from mailtrace.delivery.report_types import Report
from mailtrace.records import Struct, field

Answered = tuple[RecipientAnswer, tuple[str, ...]]
"""What is said of a recipient, and the next steps."""


class Home(Struct, frozen=True, kw_only=True):
    """A server, and a domain for which it delivers."""

    host: str
    """As its log names it, lower case."""
    domain: str
    """A-labels, lower case."""


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything that was found."""

    query: Query
    trails: tuple[Trail, ...]
    copies: tuple[Copy, ...]
    reports: tuple[Report, ...]
    coverage: tuple[Coverage, ...]
    zone: tzinfo
    theirs: frozenset[str]
    unread: tuple[tuple[str, str], ...] = ()
    """Sources, and folders of servers, that could not be read, and why: what is in them is not known."""
    shared: dict[str, tuple[Coverage, ...]] = field(default_factory=dict)
    """Of servers that write into one log with others, and to which something was handed over: their own coverage."""
    silent: tuple[str, ...] = ()
    """Servers whose own lines, in a log that they share with others, do not cover the time that is asked for."""
    written_otherwise: tuple[str, ...] = ()
    """Message-IDs in the logs that differ from those asked for in upper and lower case only."""
    unclear: tuple[tuple[str, int], ...] = ()
    """Lines, by log and number, that name what is asked for, and from which nothing can be read."""
    named_only: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """By address, folded: lines that name it beside the message, and from which nothing can be read of it."""
    refused: tuple[tuple[str, int], ...] = ()
    """Lines, by log and number, that refuse something of the sender who is asked for, and do not say for whom."""
    mute: frozenset[str] = frozenset()
    """Logs in which no message is ever taken or delivered: that they are silent of one says nothing."""
    homes: frozenset[Home] | None = None
    """Servers that deliver for a domain, of those whose names only begin like that of one that took it over; None: not
    looked for, and taken for the same."""
    authorities: str | None = None
    """A file of certificates that servers were judged by; None: the system's."""

    @property
    def logs(self) -> tuple[Coverage, ...]:
        """The sources that are logs."""
        return tuple(part for part in self.coverage if part.messages is None)
