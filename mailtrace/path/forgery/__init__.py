"""Signs of made-up hops: observations, each with the confidence that it deserves, and none of them a verdict.

What cannot be at all is a contradiction (path/chain.py), of which there are very few. What stands here is odd: honest
servers, gateways and people who make a message anonymous do each of these things now and then. Pure, and linear in the
fields.
"""

from collections.abc import Callable, Iterator, Sequence

from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.path.border import Border
from mailtrace.path.forgery.continuity import observe_border
from mailtrace.path.forgery.dates import before_message, zone_name_differs
from mailtrace.path.forgery.forms import is_of_provider, observe_form
from mailtrace.path.forgery.ids import has_known_ids, observe_id
from mailtrace.path.forgery.peers import DOCUMENTATION, has_real_address, is_odd_peer, observe_peer
from mailtrace.path.forgery.repeats import loops, repeated
from mailtrace.path.forgery.shape import is_odd_shape, observe_shape
from mailtrace.path.forgery.wording import is_odd_wording, observe_wording
from mailtrace.path.forms import of_form
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop

_Observer = Callable[[Hop, Row], Iterator[Finding]]

_OBSERVERS: tuple[tuple[Callable[[Row], bool], _Observer], ...] = (
    (is_odd_peer, observe_peer),
    (is_odd_shape, observe_shape),
    (is_odd_wording, observe_wording),
    (is_of_provider, observe_form),
    (has_known_ids, observe_id),
)
"""What may be said of a field, behind what its form must be for that: of most forms there is nothing to say."""


def signs_of_the_path(message: Message, rows: Sequence[Row], hops: Sequence[Hop], border: Border) -> Iterator[Finding]:
    """Return what the chain as a whole shows."""
    yield from observe_border(rows, hops, border)
    yield from before_message(message, hops)
    yield from loops(message, hops)


def signs_of_hops(rows: Sequence[Row], hops: Sequence[Hop]) -> dict[int, list[Finding]]:
    """Return what is odd about a hop, by its index. `rows`: topmost first; `hops`: oldest first."""
    again = repeated(hops)
    signs: dict[int, list[Finding]] = {}
    for hop, row in zip(hops, reversed(rows), strict=True):
        found = [finding for observe in _observers(row) for finding in observe(hop, row)]
        found += zone_name_differs(hop)
        if hop.index in again:
            found.append(again[hop.index])
        if found:
            signs[hop.index] = found
    return signs if has_real_address(hops) else _without_examples(signs)


@of_form
def _observers(row: Row) -> tuple[_Observer, ...]:
    return tuple(observe for may_be, observe in _OBSERVERS if may_be(row))


def _without_examples(signs: dict[int, list[Finding]]) -> dict[int, list[Finding]]:
    """A message without a single real address was made anonymous as a whole, or is an example."""
    return {
        index: [finding for finding in found if finding.code != DOCUMENTATION.code] for index, found in signs.items()
    }
