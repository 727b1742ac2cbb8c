"""Assess: per hop, whether TLS was used, how well, where the hop ran, and what of that is worth a finding.

Takes the path, gives one `HopTransport` for each of its hops. Received fields are unauthenticated text: everything
here is what the writer of a field recorded. What headers can never show is whether the *sending* side checked the
receiver's certificate.
"""

from mailtrace.path.forms import of_form
from mailtrace.path.types import Hop, Path
from mailtrace.results import Confidence, Standing
from mailtrace.transport.grade import DEFAULT, Profile, grade
from mailtrace.transport.observations import observe
from mailtrace.transport.policy import judge, observe_policy
from mailtrace.transport.scope import scope
from mailtrace.transport.tls import is_old, keyword, read_field
from mailtrace.transport.types import HopTransport, Transport

_AUTHENTICATED = frozenset({"esmtpa", "esmtpsa", "lmtpa", "lmtpsa", "smtpa", "smtpsa", "asmtp", "essmtpa", "ssmtpa"})


def assess(path: Path, profile: Profile = DEFAULT) -> Transport:
    """Assess every hop of the path, oldest first."""
    hops = tuple(assess_hop(hop, profile) for hop in path.hops)
    pairs = tuple(zip(path.hops, hops, strict=True))
    policy = judge(pairs, profile)
    findings = [finding for hop, transport in pairs for finding in observe(hop, transport, profile)]
    return Transport(hops=hops, policy=policy, findings=(*findings, *observe_policy(pairs, policy, profile)))


def assess_hop(hop: Hop, profile: Profile = DEFAULT) -> HopTransport:
    """Assess one hop."""
    what = (hop.kind, hop.software, hop.silence, hop.standing, hop.public, is_old(hop.received))
    return _assessed(hop, profile, what)


@of_form
def _assessed(hop: Hop, profile: Profile, _: tuple[object, ...]) -> HopTransport:
    """The form of the field, the profile and what is named above are all that this depends on."""
    reading = read_field(hop)
    return HopTransport(
        security=reading.security,
        grade=grade(reading.tls, profile) if reading.tls else None,
        tls=reading.tls,
        authenticated_submission=_authenticated(hop),
        scope=scope(hop),
        # What a stranger wrote is a claim, however clearly it is put.
        confidence=reading.confidence if hop.standing is Standing.TRUSTED else Confidence.LOW,
        at_its_word=reading.confidence,
    )


def _authenticated(hop: Hop) -> bool | None:
    # RFC 3848: the A says that the client authenticated, whatever else the field holds.
    return True if keyword(hop.received) in _AUTHENTICATED else hop.received.authenticated
