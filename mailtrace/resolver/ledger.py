"""The ledger: every question a message's evaluation really asked, once, with how it ended.

It sits between the stages and the resolver. A prefetched question that nothing evaluates is not in it: `dns.questions`
and `dns.unanswered` of the report speak of what could have changed the result.
"""

from collections.abc import Iterable
from datetime import datetime

from mailtrace.resolver import Answer, Mode, Question, Resolver, RRType, canonical


class Ledger:
    """A resolver that remembers what was asked through it."""

    def __init__(self, dns: Resolver) -> None:
        self._dns = dns
        self._answers: dict[tuple[str, RRType], Answer] = {}

    @property
    def mode(self) -> Mode:
        """Where the answers come from."""
        return self._dns.mode

    @property
    def recorded_at(self) -> datetime | None:
        """When the recording was made, if it is one and says so."""
        return self._dns.recorded_at

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer that was evaluated, in the order of the questions."""
        return tuple(self._answers.values())

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer from memory, else ask."""
        question = (canonical(name), rrtype)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = self._dns.resolve(*question)
        return answer

    def peek(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer without an entry in the ledger: for prefetching, which only looks ahead."""
        question = (canonical(name), rrtype)
        return self._answers.get(question) or self._dns.resolve(*question)

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Pass on what has not been asked yet."""
        self._dns.prefetch(question for question in questions if question not in self._answers)

    def for_message(self) -> "Ledger":
        """A ledger is one message's already."""
        return self
