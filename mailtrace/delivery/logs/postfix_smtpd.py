"""What Postfix's smtpd, postscreen and cleanup write of a message that comes in: taken, or refused and why."""

import re
from types import MappingProxyType

from mailtrace.delivery.events import REFUSALS, Event, EventKind
from mailtrace.delivery.logs import replies
from mailtrace.delivery.logs.entries import Entry, mailbox
from mailtrace.delivery.logs.postfix_tls import Connections

# 4QpZ0y1xYzz9: client=mx.example.com[192.0.2.1], sasl_method=PLAIN, sasl_username=ann@example.com
# 4QpZ0y1xYzz9: client=localhost[127.0.0.1], orig_queue_id=4QpZ0x0aaaz8, orig_client=mx.example.com[192.0.2.1]
_CLIENT = re.compile(r"([0-9A-Za-z]{5,24}): client=([^\s,\[\]]*\[[^\]\s]*\])(?::\d+)?(.*)$")
_ORIGINAL = re.compile(r", orig_queue_id=([0-9A-Za-z]+)")
# NOQUEUE: reject: RCPT from mx.example.com[192.0.2.1]: 450 4.2.0 <...>: Greylisted; from=<...> to=<...> proto=...
_ACTION = re.compile(
    r"(NOQUEUE|[0-9A-Za-z]{5,24}): (?:milter-)?(reject|discard|hold|quarantine|redirect): ([\w-]+)"
    r"(?: from ([^\s\[\]]*\[[^\]\s]*\])(?::\d+)?)?(?:: )?(.*)$"
)
# proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as DF66E940333; from=<...> to=<...> proto=...
_PROXY = re.compile(r"(?:(NOQUEUE|[0-9A-Za-z]{5,24}): )?proxy-(accept|reject): ([\w-]+): (.*)$")
_PROTO = re.compile(r",? proto=E?SMTP\b")
_ENVELOPE = re.compile(r"; from=<([^<>]*)>,?(?: to=<([^<>]*)>)?|; to=<([^<>]*)>")
# A header check's line has the header in front, and what the check says at the end:
# reject: header Subject: ... from mx.example.com[192.0.2.1]; from=<...> to=<...> proto=ESMTP helo=<...>: 5.7.1 Not here
_CHECKED = re.compile(r"(header|body) (.*) from ([^\s\[\]]*\[[^\]\s]*\]|local)$")
_CHECK_SAYS = re.compile(r" helo=<[^>]*>: (.*)$")

_KINDS = MappingProxyType(
    {
        "reject": EventKind.REJECTED,
        "discard": EventKind.FILTERED,
        "hold": EventKind.QUARANTINED,
        "quarantine": EventKind.QUARANTINED,
        "redirect": EventKind.FILTERED,
    }
)


def accepted(entry: Entry, connections: Connections) -> tuple[Event, ...]:
    """Read `client=`: a message begins. Nothing is taken yet, a later line may still refuse it."""
    match = _CLIENT.match(entry.message)
    if match is None or match[1] == "NOQUEUE":
        return ()
    original = _ORIGINAL.match(match[3])
    connection = connections.of_client(entry, match[2])
    event = entry.event(
        EventKind.SUBMITTED if "sasl_username=" in match[3] else EventKind.ACCEPTED,
        queue_id=match[1],
        previous_queue_id=original[1] if original else None,
        peer=match[2],
        tls=connection.tls if connection else None,
        encrypted=True if connection else None,
        tls_line=connection.line if connection else None,
    )
    return (event,)


def refused(entry: Entry, *, postscreen: bool = False, cleanup: bool = False) -> tuple[Event, ...]:
    """Read what became of a message that was not taken as it came.

    cleanup judges the whole message, and names the last of its recipients; smtpd names one only where it is the only
    one, or where the refusal is of that one.
    """
    if match := _PROXY.match(entry.message):
        return _proxied(entry, match)
    match = _ACTION.match(entry.message)
    # VRFY asks for an address, and hands over no message.
    if match is None or match[3] == "VRFY":
        return ()
    said, sender, recipient = envelope(match[5])
    peer = match[4]
    if match[3] in {"header", "body"} and (checked := _CHECKED.match(f"{match[3]} {said.strip()}")):
        peer = None if checked[3] == "local" else checked[3]
        says = _CHECK_SAYS.search(match[5])
        said = says[1] if says else f"{checked[1]} {checked[2]}"
    queue_id = None if match[1] == "NOQUEUE" else match[1]
    if queue_id is None and sender is None and recipient is None:
        return ()  # a client that was turned away before it named any message
    kind = _KINDS[match[2]]
    said = f"redirected: {said}" if match[2] == "redirect" else said
    if kind is EventKind.REJECTED:
        kind = _refusal(said, postscreen=postscreen)
    event = entry.event(
        kind,
        queue_id=queue_id,
        peer=peer,
        of_client=kind in REFUSALS,
        of_all=cleanup,
        sender=sender,
        recipient=recipient,
        status=replies.status(said) or _bare_status(said),
        reply=said or None,
    )
    return (event,)


def _proxied(entry: Entry, match: re.Match[str]) -> tuple[Event, ...]:
    """A filter that sits before the queue took the message, or refused it (SMTPD_PROXY_README)."""
    said, sender, recipient = envelope(match[4])
    taken = match[2] == "accept"
    event = entry.event(
        EventKind.RELAYED if taken else _refusal(said, postscreen=False),
        queue_id=match[1] if match[1] != "NOQUEUE" else None,
        next_queue_id=replies.next_queue_id(said) if taken else None,
        of_client=not taken,
        of_all=not taken and match[3] == "END-OF-MESSAGE",
        sender=sender,
        recipient=recipient,
        status=replies.status(said),
        reply=said or None,
    )
    return (event,)


def _refusal(said: str, *, postscreen: bool) -> EventKind:
    """Say for how long."""
    # POSTSCREEN_README: after its deep tests, postscreen lets a client that passed come again. That is greylisting.
    if replies.is_greylisting(said) or (postscreen and said.startswith("450 4.3.2 ")):
        return EventKind.GREYLISTED
    code = said[:1]
    return EventKind.DEFERRED if code == "4" else EventKind.REJECTED


_BARE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)", re.ASCII)


def _bare_status(said: str) -> str | None:
    """A milter's answer at the end of the message stands there without its reply code: `5.7.1 Blocked by ...`."""
    match = _BARE.match(said)
    return match[0] if match else None


def envelope(text: str) -> tuple[str, str | None, str | None]:
    """Return what was said, and the sender and the recipient that Postfix writes behind it.

    What was said may quote anything, and so may the HELO behind the envelope: the recipient that was refused stands in
    what was said; where it names none, the envelope is what `proto=` follows.
    """
    found = list(_ENVELOPE.finditer(text))
    if not found:
        return text, None, None
    of_whom = [one for one in found if (named := one[2] or one[3]) and f"<{named}>" in text[: one.start()]]
    match = next(iter(of_whom), None) or next((one for one in found if _PROTO.match(text, one.end())), found[-1])
    sender = None if match[1] is None else mailbox(f"<{match[1]}>")
    return text[: match.start()], sender, match[2] or match[3]
