"""What ends a run before its end, and is no fault of its messages."""

from mailtrace.cli.exits import Status


class ClusterError(Exception):
    """There is no cluster to work with."""


class ResumeError(Exception):
    """The run cannot go on from FILE; `status` says how it ends."""

    def __init__(self, words: str, status: Status) -> None:
        """Take it in words."""
        super().__init__(words)
        self.status = status
