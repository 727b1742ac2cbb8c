"""Impostors: copies that bear the Message-ID of the message that is asked for, and are another message. Pure.

Anybody can write a Message-ID that they have seen. Where what was sent is known, a copy with another author and another
date is not it; either alone may be due to the way: mailing lists change From, some servers mend Date.
"""

from collections.abc import Sequence

from mailtrace.delivery.mailboxes import Copy
from mailtrace.delivery.query import Query, folded
from mailtrace.delivery.sent import Sent


def impostors_in(copies: Sequence[Copy], query: Query) -> tuple[Copy, ...]:
    """Return the copies that are another message than was sent."""
    own = {copy.event.message_id: copy.sent for copy in copies if copy.sent is not None}
    return tuple(
        copy
        for copy in copies
        if copy.sent is None
        and (sent := query.sent or own.get(copy.event.message_id)) is not None
        and _is_another(copy, sent)
    )


def _is_another(copy: Copy, sent: Sent) -> bool:
    if copy.author is None or copy.date is None or sent.author is None or sent.date is None:
        return False
    return folded(copy.author) != folded(sent.author) and copy.date != sent.date
