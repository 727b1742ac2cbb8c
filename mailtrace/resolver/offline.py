"""No DNS at all (`--offline`): every question has the same answer, which is none."""

from collections.abc import Iterable

from mailtrace.resolver import Answer, Mode, Outcome, Question, RRType, canonical


class OfflineResolver:
    """Asks nobody."""

    mode = Mode.OFFLINE
    recorded_at = None

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Say that the question was not asked."""
        return Answer(name=canonical(name), rrtype=rrtype, outcome=Outcome.OFFLINE)

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Do nothing."""

    def for_message(self) -> "OfflineResolver":
        """Return itself: there is no deadline."""
        return self
