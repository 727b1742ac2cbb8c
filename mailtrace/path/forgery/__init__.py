"""Signs of made-up hops: observations, each with the confidence that it deserves, and none of them a verdict.

What cannot be at all is a contradiction (path/chain.py), of which there are very few. What stands here is odd: honest
servers, gateways and people who make a message anonymous do each of these things now and then. Pure, and linear in the
fields.
"""

from collections.abc import Iterator, Sequence

from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.path.border import Border
from mailtrace.path.chain import Row
from mailtrace.path.forgery.continuity import observe_border
from mailtrace.path.forgery.dates import before_message, zone_name_differs
from mailtrace.path.forgery.forms import observe_form
from mailtrace.path.forgery.ids import observe_id
from mailtrace.path.forgery.peers import has_real_address, observe_peer
from mailtrace.path.forgery.repeats import loops, repeated
from mailtrace.path.forgery.shape import observe_shape
from mailtrace.path.forgery.wording import observe_wording
from mailtrace.path.types import Hop


def signs_of_the_path(message: Message, rows: Sequence[Row], hops: Sequence[Hop], border: Border) -> Iterator[Finding]:
    """Return what the chain as a whole shows."""
    yield from observe_border(rows, hops, border)
    yield from before_message(message, hops)
    yield from loops(message, hops)


def signs_of_hops(rows: Sequence[Row], hops: Sequence[Hop]) -> dict[int, tuple[Finding, ...]]:
    """Return what each hop shows, by its index. `rows`: topmost first; `hops`: oldest first."""
    is_real = has_real_address(hops)
    again = repeated(hops)
    return {
        hop.index: (
            *observe_peer(hop, row, is_real=is_real),
            *observe_shape(hop),
            *observe_wording(hop),
            *observe_form(hop),
            *observe_id(hop),
            *zone_name_differs(hop),
            *((again[hop.index],) if hop.index in again else ()),
        )
        for hop, row in zip(hops, reversed(rows), strict=True)
    }
