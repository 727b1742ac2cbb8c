"""What mailtrace raises: the caller's wrong input, or a broken environment.

What the *message* or the *DNS* does wrong is never an exception: it is a result word or a finding.
"""


class MailtraceError(Exception):
    """The root of every exception that leaves this package."""


class MessageError(MailtraceError):
    """The input is not a message."""


class RecordingError(MailtraceError):
    """The DNS recording or zone file cannot be read."""


class ResolverError(MailtraceError):
    """The address of a resolver, or its certificate authority, cannot be used."""
