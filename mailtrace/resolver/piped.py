"""Live DNS for worker processes: one process owns the resolver, the others ask it through a pipe.

So a question is asked once for all of them, and a recording holds what every one of them was told. Each pipe has one
asker, who works on one message at a time: its deadline is kept on this side, by the resolver's own view for a message.
"""

from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from mailtrace.resolver import Answer, Mode, Question, Resolver, RRType


class PipedResolver:
    """The asking end."""

    mode = Mode.LIVE
    recorded_at = None

    def __init__(self, pipe: Connection) -> None:
        """Take the pipe to `serve`."""
        self._pipe = pipe

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Ask for one answer."""
        answer = self._ask("resolve", name, rrtype)
        assert isinstance(answer, Answer)
        return answer

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Have these asked at once."""
        if wanted := list(questions):
            self._ask("prefetch", wanted)

    def for_message(self) -> "PipedResolver":
        """Have the deadline of a message begin now. There is one message at a time, so the view is this one."""
        self._ask("for_message")
        return self

    def _ask(self, *request: Any) -> Any:
        self._pipe.send(request)
        reply = self._pipe.recv()
        if isinstance(reply, Exception):
            raise reply
        return reply


def serve(pipe: Connection, resolver: Resolver) -> None:
    """Answer what comes through a pipe until its other end is closed."""
    view = resolver
    with suppress(EOFError, OSError):  # the asker has ended, or this end was closed
        while True:
            what, *arguments = pipe.recv()
            reply: Any = None
            try:
                if what == "for_message":
                    view = resolver.for_message()
                elif what == "prefetch":
                    view.prefetch(*arguments)
                else:
                    reply = view.resolve(*arguments)
            except Exception as fault:  # noqa: BLE001 - it is raised where it was asked for
                reply = RuntimeError(f"{type(fault).__name__}: {fault}")
            pipe.send(reply)
