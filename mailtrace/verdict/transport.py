"""Was it encrypted on the way? One answer over the hops that the receiving side vouches for, one over the claimed."""

from collections.abc import Iterable, Sequence

from mailtrace.path.types import Hop, Path
from mailtrace.results import Scope, Security, Standing, TransportAnswer
from mailtrace.transport.scope import crossed_organisations, is_deciding
from mailtrace.transport.types import HopTransport, Transport

_ALIKE = {
    Security.ENCRYPTED: TransportAnswer.ENCRYPTED,
    Security.CLEARTEXT: TransportAnswer.CLEARTEXT,
    Security.UNRECORDED: TransportAnswer.UNRECORDED,
}


def answer(path: Path, transport: Transport) -> TransportAnswer:
    """Answer over the trusted hops; `local` only if no hop at all, of whatever standing, says otherwise."""
    word = _answer(_standing(path, transport, Standing.TRUSTED))
    every = zip(path.hops, transport.hops, strict=True)
    return TransportAnswer.UNRECORDED if word is TransportAnswer.LOCAL and not _stays_inside(every) else word


def answer_claimed(path: Path, transport: Transport) -> TransportAnswer | None:
    """Answer over the claimed hops, by the same rule; None if there are none. Contradicted hops say nothing."""
    claimed = _standing(path, transport, Standing.CLAIMED)
    return _answer(claimed) if claimed else None


def deciding(path: Path, transport: Transport) -> tuple[tuple[Hop, HopTransport], ...]:
    """Return the hops that decide: trusted, between organisations or possibly so, over a network; oldest first."""
    return tuple(pair for pair in zip(path.hops, transport.hops, strict=True) if is_deciding(*pair))


def _standing(path: Path, transport: Transport, standing: Standing) -> list[tuple[Hop, HopTransport]]:
    pairs = zip(path.hops, transport.hops, strict=True)
    return [(hop, facts) for hop, facts in pairs if hop.standing is standing]


def _answer(hops: Sequence[tuple[Hop, HopTransport]]) -> TransportAnswer:
    words = {facts.security for _, facts in hops if crossed_organisations(facts)}
    if not words:
        return TransportAnswer.LOCAL if hops and _stays_inside(hops) else TransportAnswer.UNRECORDED
    return _ALIKE[words.pop()] if len(words) == 1 else TransportAnswer.PARTLY_ENCRYPTED


def _stays_inside(hops: Iterable[tuple[Hop, HopTransport]]) -> bool:
    return all(facts.security is Security.LOCAL or facts.scope in (Scope.INTERNAL, Scope.LOOPBACK) for _, facts in hops)
