"""What a row of the dialect table says: whose form a Received field has, and what that means.

The rows stand in servers.py, products.py, mailboxes.py, providers.py and services.py; recognition.py finds the first
that fits. A row says how the form is recognised, which word stands where, what silence about TLS means, how a provider
marks its own hops, and shows a sample of the form (example names, documentation addresses). docs/received.md says how
to add one.

Only what the *server* wrote is looked at: the `by` clause and what follows. The from part holds what the client chose
(HELO, the name of its address), and recognises software by its shape alone, in the rows that say so.
"""

from mailtrace.path.chains import Provider
from mailtrace.path.origin import Order
from mailtrace.path.types import HopKind, Silence
from mailtrace.records import Struct


class Dialect(Struct, frozen=True, kw_only=True, eq=False):
    """One row. Every pattern that is given must match from the beginning, whatever the case; at least one is given."""

    software: str
    silence: Silence
    sample: str
    by: str | None = None
    words: str | None = None
    """The words of the `with` clause."""
    comment: str | None = None
    """Some comment behind the from part."""
    by_comment: str | None = None
    """Some comment directly behind the `by` host."""
    id: str | None = None
    via: str | None = None
    stray: str | None = None
    """The words that belong to no clause, in front of the from part or between the others."""
    origin: str | None = None
    """Some comment of the from part, or all of them joined by `) (`: for its shape only."""
    first: str | None = None
    """The first word of the from part: for software that hands over to itself under a fixed name."""
    has_from: bool | None = None
    has_with: bool | None = None
    order: Order | None = None
    kind: HopKind | None = None
    """Where the form itself says what sort of step it is."""
    confirms_name: bool = False
    """The name that it writes for the client was looked up both ways."""
    tells_auth: bool = False
    """It writes the A of RFC 3848, so that its absence says something."""
    provider: Provider | None = None
