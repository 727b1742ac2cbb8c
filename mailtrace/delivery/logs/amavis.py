"""Amavis: one line for each message that it let pass or stopped (amavisd.conf, `$log_templ`).

(01234-05) Blocked SPAM {DiscardedInbound,Quarantined}, [192.0.2.10]:40000 <ann@example.com> -> <bob@example.org>,
quarantine: s/spam-aBcDeF.gz, Queue-ID: 4QpZ0y1xYzz9, Message-ID: <AbC@example.com>, mail_id: aBcDeF, Hits: 12.3, ...
"""

import re

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.logs.entries import Entry, mailbox, named, whole

_LINE = re.compile(
    r"\([\w-]{1,40}\) (Passed|Blocked) ([A-Z-]+(?: ?\([^()]*\))?)(?: \{([\w,]*)\})?, "
    r"(?:[A-Z][\w/-]* )?(?:(?:LOCAL )?\[([^\]\s]*)\](?::\d+)? )?(?:\[[^\]\s]*\] )?(?:/\S* )?"
    r"(<[^<>]*>) -> (<[^<>]*>(?:,<[^<>]*>)*)"
)
_FIELD = re.compile(r", (Queue-ID|Message-ID|mail_id|Hits|size|queued_as|quarantine|Subject): (\"[^\"]*\"|[^\s,]+)")


_STOPPED = re.compile(r"(?:Discarded|Bounced|Rejected|TempFailed)")


class Amavis:
    """Reads Amavis's lines."""

    def wants(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return b") Passed " in message or b") Blocked " in message

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        return self.wants(service, message)

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """See `Program`."""
        del service
        match = _LINE.match(entry.message)
        if match is None:
            return ()
        fields = {found[1]: found[2] for found in reversed(list(_FIELD.finditer(entry.message, match.end())))}
        queued_as = fields.get("queued_as", "").partition("/")[0]
        verdict = f"{match[1]} {match[2]}" + (f", hits {hits}" if (hits := fields.get("Hits", "-")) != "-" else "")
        kind = _kind(match[1], match[3] or "", fields)
        return tuple(
            entry.event(
                kind,
                sender=mailbox(match[5]),
                recipient=mailbox(recipient),
                queue_id=fields.get("Queue-ID"),
                next_queue_id=queued_as or None,
                message_id=named(fields.get("Message-ID")),
                peer=f"[{match[4]}]" if match[4] else None,
                reply=f"{verdict}, quarantine {fields['quarantine']}" if "quarantine" in fields else verdict,
                subject=fields["Subject"].strip('"') if "Subject" in fields else None,
                size=whole(fields.get("size")),
            )
            for recipient in match[6].split(",")
        )


def _kind(word: str, actions: str, fields: dict[str, str]) -> EventKind:
    if word == "Passed":
        return EventKind.RELAYED if "queued_as" in fields and not _STOPPED.search(actions) else EventKind.QUEUED
    # Not everybody was served alike, and the line does not say who how: the server that asked does.
    if "Relayed" in actions:
        return EventKind.QUEUED
    if "Quarantined" in actions or "quarantine" in fields:
        return EventKind.QUARANTINED
    if "Bounced" in actions:
        return EventKind.BOUNCED
    if "Rejected" in actions:
        return EventKind.REJECTED
    return EventKind.DEFERRED if "TempFailed" in actions else EventKind.FILTERED
