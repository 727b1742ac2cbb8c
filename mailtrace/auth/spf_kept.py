"""SPF results that were found before: the same client and domain come again and again in a mailbox.

A result follows from the question and from what DNS answered, and from nothing else. So it is kept with the answers
that it was made of, and used again only where the resolver gives these same answers now; each of them is asked for
again, so that the report of a message counts what its result rests on.
"""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address

from mailtrace.auth._pyspf import evaluate
from mailtrace.auth.spf_evaluation import Evaluation
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Resolver
from mailtrace.resolver.ledger import Ledger

MOST = 512
"""Results that are kept."""
MOST_ANSWERS = 32
"""Of one result; what rests on more is found anew."""
MOST_OCTETS = 1 << 14
"""Of the records in these answers: what a stranger publishes must not fill the memory."""

_Key = tuple[object, ...]


class _Result(Struct, frozen=True):
    evaluation: Evaluation
    answers: tuple[Answer, ...]


_kept: OrderedDict[_Key, _Result] = OrderedDict()


def evaluate_once(
    client: IPv4Address | IPv6Address,
    *,
    local_part: str,
    domain: str,
    helo: str,
    dns: Resolver,
    void_limit: int,
) -> Evaluation:
    """Run `check_host()` (RFC 7208 §4), or give what it came to with the same answers."""
    broad = (client, domain, void_limit)
    narrow = (*broad, local_part, helo, dns.recorded_at)
    for key in (broad, narrow):
        if (known := _kept.get(key)) is not None and _still_holds(known, dns):
            return known.evaluation
    heard = Ledger(dns)
    found = evaluate(client, local_part=local_part, domain=domain, helo=helo, dns=heard, void_limit=void_limit)
    if _is_small(heard.answers):
        # RFC 7208 §7: only a macro lets the sender, HELO or the time in.
        has_macro = any("%" in record for answer in heard.answers for record in answer.records)
        _kept[narrow if has_macro else broad] = _Result(found, heard.answers)
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


def _is_small(answers: tuple[Answer, ...]) -> bool:
    octets = sum(len(record) for answer in answers for record in answer.records)
    return len(answers) <= MOST_ANSWERS and octets <= MOST_OCTETS


def _still_holds(known: _Result, dns: Resolver) -> bool:
    return all(dns.resolve(answer.name, answer.rrtype) == answer for answer in known.answers)
