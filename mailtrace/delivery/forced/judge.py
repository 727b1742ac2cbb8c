"""What one transfer amounts to under its policy: met, in clear, not verified, or not decidable. Pure."""

from ipaddress import ip_address

from mailtrace.delivery.events import Event, EventKind, ServerTrust
from mailtrace.delivery.forced.domains import ForcedPolicy
from mailtrace.delivery.forced.ledger import Silence
from mailtrace.delivery.forced.report import ForcedAnswer
from mailtrace.records import Struct
from mailtrace.results import Security

_LOCALHOST = frozenset({"localhost", "localhost.localdomain"})
_OWN_PROGRAMS = frozenset({"postfix-log", "exim-log", "exim-syslog"})
"""Kinds that name the other server wherever there is one: without one, a program of the machine took the message."""
_NO_TLS_COLUMN = {
    "exchange-tracking": "Exchange's message tracking does not record whether TLS was used.",
    "microsoft365-trace": "A message trace of Microsoft 365 does not record whether TLS was used.",
    "google-email-log": "The export has no word on the encryption of this transfer.",
}
_BAD = {
    ServerTrust.UNTRUSTED: "no authority that the server knows vouches for it",
    ServerTrust.ANONYMOUS: "the other server showed none",
    ServerTrust.TRUSTED: "a known authority vouches for it, its name was not checked",
}


class Judgement(Struct, frozen=True, kw_only=True):
    """What a transfer amounts to, and why in a sentence."""

    answer: ForcedAnswer
    transport: Security
    why: str


def crosses_network(event: Event, kind: str, *, sends: bool) -> bool:
    """Tell whether a delivery left the machine. `kind`: of the log; `sends`: it names the server that took it over."""
    if not sends:
        # These name the machine that a delivered message came from.
        return event.kind is EventKind.RELAYED
    if event.peer is None:
        return event.kind is EventKind.RELAYED and kind not in _OWN_PROGRAMS
    name, bracket, address = event.peer.rpartition("[")
    if not bracket:
        return address.casefold() not in _LOCALHOST
    try:
        return not ip_address(address.rstrip("]").removeprefix("IPv6:").partition("%")[0]).is_loopback
    except ValueError:
        # `mx[private/dovecot-lmtp]` is a socket.
        return bool(name) and "/" not in address


def judge(event: Event, policy: ForcedPolicy, kind: str, silence: Silence | None) -> Judgement:
    """Hold a transfer against its policy. `silence`: of a line that says nothing of TLS, what that may mean."""
    if event.encrypted is None:
        if silence is None:
            why = _NO_TLS_COLUMN.get(kind, "The log does not say whether TLS was used.")
            return Judgement(answer=ForcedAnswer.UNDECIDED, transport=Security.UNRECORDED, why=why)
        if not silence.is_cleartext:
            return Judgement(answer=ForcedAnswer.UNDECIDED, transport=Security.UNRECORDED, why=silence.why())
        return Judgement(answer=ForcedAnswer.IN_CLEAR, transport=Security.CLEARTEXT, why=silence.why())
    if not event.encrypted:
        why = "Its own line says that there was no TLS."
        return Judgement(answer=ForcedAnswer.IN_CLEAR, transport=Security.CLEARTEXT, why=why)
    answer, why = _under_tls(policy, event.server_trust, kind)
    return Judgement(answer=answer, transport=Security.ENCRYPTED, why=why)


def _under_tls(policy: ForcedPolicy, trust: ServerTrust | None, kind: str) -> tuple[ForcedAnswer, str]:
    if policy is ForcedPolicy.ENCRYPT:
        return ForcedAnswer.MET, "Under TLS."
    if trust is ServerTrust.VERIFIED or (policy is ForcedPolicy.TRUST and trust is ServerTrust.TRUSTED):
        return ForcedAnswer.MET, f"Under TLS, with a certificate that is {trust.value}."
    if trust is None:
        return ForcedAnswer.UNDECIDED, "Under TLS. What was found of the certificate is not in the log."
    # Postfix writes `Verified` where it has checked the name; the others write the same word either way.
    if trust is ServerTrust.TRUSTED and kind != "postfix-log":
        why = (
            "Under TLS, and a known authority vouches for the certificate. Whether its name was checked is not logged."
        )
        return ForcedAnswer.UNDECIDED, why
    return ForcedAnswer.NOT_VERIFIED, f"Under TLS, but the certificate was not verified: {_BAD[trust]}."


def verified(event: Event) -> bool | None:
    """Say whether the certificate was found to be the right one; None where that is not shown either way."""
    words = {ServerTrust.VERIFIED: True, ServerTrust.UNTRUSTED: False, ServerTrust.ANONYMOUS: False}
    return words.get(event.server_trust) if event.server_trust is not None else None
