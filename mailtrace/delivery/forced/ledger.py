"""The ledger: which program is known to write of its TLS, and when. It decides what a silent line may be taken for.

A transfer without a word on TLS was in clear only if its program wrote of TLS, both before the connection was made and
after the transfer, within a day each. What happened to lie between a change of the configuration and the next, where
the log begins, or where lines were lost, stays undecided.
"""

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta

from mailtrace.delivery.logs import Writer
from mailtrace.records import Mutable, field

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
NEAR = timedelta(minutes=10)
"""How far lost lines may be from the line that says so."""
MOST = 2000
"""Times that are kept of a program, a minute apart at the least: more than a day of them."""


class Silence(Mutable, kw_only=True):
    """A transfer of which its program says nothing on TLS."""

    since: datetime
    """When the connection began to be made, at the earliest."""
    time: datetime
    before: datetime | None
    """When the program last wrote of TLS before that."""
    after: datetime | None = None
    """When it next did."""
    doubt: str | None = None
    """Why nothing can be taken from the silence, whatever the program writes."""

    @property
    def is_cleartext(self) -> bool:
        """Tell whether the silence means that there was no TLS."""
        return self.doubt is None and self.before is not None and self.after is not None

    def why(self) -> str:
        """Say in a sentence what the silence means."""
        if self.doubt is not None:
            return self.doubt
        if self.is_cleartext:
            return "No line says that it was under TLS, and its server writes of TLS before and after it."
        if self.before is None and self.after is None:
            return "Nothing on TLS is written by that program within a day: it may not be set up to write it."
        where = "before it and not after" if self.after is None else "after it and not before"
        return f"That program writes of TLS {where}, within a day: whether it did at this time is not shown."


class _Account(Mutable):
    """What is known of one program."""

    times: list[datetime] = field(default_factory=list)
    open: list[Silence] = field(default_factory=list)
    """Silences after which nothing on TLS was written yet."""


class Ledger:
    """Takes note, in the order of the log."""

    def __init__(self) -> None:
        self._accounts: dict[Writer, _Account] = defaultdict(_Account)
        self._losses: list[datetime] = []

    def wrote(self, writer: Writer, time: datetime) -> None:
        """Take note that a program wrote of a connection under TLS that it had made."""
        account = self._accounts[writer]
        for silence in account.open:
            if silence.time <= time <= silence.time + DAY:
                silence.after = time
        account.open = [one for one in account.open if one.after is None and one.time + DAY > time]
        if not account.times or time - account.times[-1] >= MINUTE:
            account.times.append(time)
            del account.times[:-MOST]

    def lost(self, time: datetime) -> None:
        """Take note that lines of about this time are not in the log, or cannot be read."""
        if not self._losses or abs(time - self._losses[-1]) >= MINUTE:
            self._losses.append(time)

    def silence(self, writer: Writer, since: datetime, time: datetime) -> Silence:
        """Open the case of a transfer without a word on TLS; what follows in the log closes it."""
        account = self._accounts[writer]
        at = bisect_right(account.times, since)
        before = account.times[at - 1] if at and since - account.times[at - 1] <= DAY else None
        silence = Silence(since=since, time=time, before=before)
        account.open.append(silence)
        return silence

    def close(self, silence: Silence) -> None:
        """Doubt a silence near which lines were lost: the one on TLS may be among them."""
        since, until = silence.since - NEAR, silence.time + NEAR
        if silence.doubt is None and any(since <= one <= until for one in self._losses):
            silence.doubt = "Lines of about this time are lost or broken: what they said of TLS is not known."
