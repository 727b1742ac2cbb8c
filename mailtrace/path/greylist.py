"""What greylisting writes into the header: it turned a client away, and how long the client stayed away (RFC 6647).

Postgrey and SQLgrey write `X-Greylist: delayed 307 seconds by postgrey-1.37 at mx.example.net; date`, milter-greylist
`X-Greylist: Delayed for 00:05:12 by milter-greylist-4.6 (mx.example.net [192.0.2.1]); date`. The same field says when a
client was *not* delayed ("Sender IP whitelisted, not delayed by ..."), and then it names no time.
"""

import re
from collections.abc import Sequence

from mailtrace.message.types import HeaderField, Message
from mailtrace.path.types import Hop
from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.results import Standing

MAX_FIELDS = 20
_NAMES = ("x-greylist", "x-greylisting")
_LIMIT = 400
_STATED = lazy(
    r"delayed (?:for )?(?:(?P<seconds>\d{1,7}) ?(?:s|secs?|seconds?)\b|(?:(?P<days>\d{1,2}) days?,? )?"
    r"(?P<hours>\d{1,3}):(?P<minutes>\d{2}):(?P<rest>\d{2})) by (?P<software>[^\s;()]{1,80})",
    re.IGNORECASE | re.ASCII,
)
_HOST = lazy(r"(?: at |\()([a-z0-9][a-z0-9.-]{0,200})", re.IGNORECASE | re.ASCII)


class Greylisted(Struct, frozen=True, kw_only=True):
    """A field that states a delay, and the hop that it speaks of."""

    field: HeaderField
    number: int
    """Among the fields of its name, 0 = topmost."""
    hop: int
    seconds: float
    is_trusted: bool
    """The receiving side wrote it: it stands above a field that is trusted."""


def read_greylisting(message: Message, hops: Sequence[Hop]) -> dict[int, Greylisted]:
    """Return what is stated, by the index of the hop."""
    found: dict[int, Greylisted] = {}
    for name in _NAMES:
        for number, field in enumerate(message.all(name)[:MAX_FIELDS]):
            stated = _STATED.search(field.value[:_LIMIT])
            hop = _hop_of(field, stated, hops) if stated else None
            if stated is None or hop is None or hop.index in found:
                continue
            found[hop.index] = Greylisted(
                field=field,
                number=number,
                hop=hop.index,
                seconds=_seconds(stated),
                is_trusted=hop.standing is Standing.TRUSTED and field.index < hop.header.index,
            )
    return found


def _hop_of(field: HeaderField, stated: re.Match[str], hops: Sequence[Hop]) -> Hop | None:
    """Return the hop of the host that it names, nearest below the field; without a name, the nearest below."""
    named = _HOST.search(field.value[:_LIMIT], stated.end())
    host = named[1].lower() if named else None
    same = [hop for hop in hops if host is None or (hop.received.by or "").lower() == host]
    below = [hop for hop in same if hop.header.index > field.index]
    return below[-1] if below else next(iter(same), None) if host else None


def _seconds(stated: re.Match[str]) -> float:
    if stated["seconds"]:
        return float(stated["seconds"])
    hours = 24 * int(stated["days"] or 0) + int(stated["hours"])
    return float(3600 * hours + 60 * int(stated["minutes"]) + int(stated["rest"]))
