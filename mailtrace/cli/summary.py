"""`--summary`: what a run found, counted. Of bounded size, however many domains a mailbox knows."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mailtrace.cli.work import Facts
from mailtrace.findings import excerpt

MAX_KINDS = 100_000
"""Different domains, or servers, that are counted one by one; what comes up later is added up."""
SHOWN = 20
"""Lines of each list."""


class Tally:
    """Counts of one thing."""

    def __init__(self, counts: dict[str, int] | None = None, rest: int = 0) -> None:
        """Begin, or go on with what was counted."""
        self.counts: Counter[str] = Counter(counts)
        self.rest = rest

    def add(self, word: str) -> None:
        """Count one."""
        if word in self.counts or len(self.counts) < MAX_KINDS:
            self.counts[word] += 1
        else:
            self.rest += 1

    def total(self) -> int:
        """Return how many there are of all words."""
        return self.counts.total() + self.rest

    def lines(self) -> Iterator[str]:
        """Give the most frequent, then the others in one line."""
        ranked = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        for word, count in ranked[:SHOWN]:
            yield f"{count:>11,}  {excerpt(word)}"
        others = sum(count for _, count in ranked[SHOWN:]) + self.rest
        if others:
            more = "more than " if self.rest else ""
            yield f"{others:>11,}  in {more}{max(len(ranked) - SHOWN, 0):,} others"


_PARTS = {
    "authenticity": "Authenticity",
    "transport": "Transport",
    "errors": "No report",
    "findings": "Findings (messages that have one)",
    "authors": "Author domains",
    "receivers": "Received by (the server at the border)",
}


class Summary:
    """What is counted of a run."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        """Begin, or go on with what was counted before an interruption."""
        self.messages: int = kept["messages"] if kept else 0
        self._parts = {name: Tally(*(kept["parts"][name] if kept else ())) for name in _PARTS}

    def add(self, facts: Facts) -> None:
        """Count one message, or one source that gave none."""
        self.messages += 1
        if facts.error is not None:
            self._parts["errors"].add(facts.error)
            return
        self._parts["authenticity"].add(str(facts.authenticity))
        self._parts["transport"].add(str(facts.transport))
        for code in facts.findings:
            self._parts["findings"].add(code)
        self._parts["authors"].add(facts.author or "(no single author)")
        self._parts["receivers"].add(facts.receiver or "(not known)")

    def kept(self) -> dict[str, Any]:
        """Return it in a form that JSON can keep."""
        return {
            "messages": self.messages,
            "parts": {name: [dict(tally.counts), tally.rest] for name, tally in self._parts.items()},
        }

    def lines(self) -> Iterator[str]:
        """Write it, for people."""
        # What could not be read may be a whole mailbox, or a name that leads nowhere: it counts for no message.
        lost = self._parts["errors"].total()
        read = self.messages - lost
        yield f"{read:,} message{'' if read == 1 else 's'}{f', and {lost:,} without a report' if lost else ''}"
        for name, title in _PARTS.items():
            lines = list(self._parts[name].lines())
            if lines:
                yield ""
                yield title
                yield from lines
