"""What is recorded of encryption: the answer of the chosen transport profile, and with -v the details of each hop."""

from mailtrace.render.text import words
from mailtrace.render.text.page import Page, Styled
from mailtrace.report import HopReport, Report
from mailtrace.results import Confidence, PolicyResult
from mailtrace.transport import DEFAULT
from mailtrace.transport.types import ClientCertificate, TLSInfo

MOST = 40
"""Hops that are shown."""

_COLUMN = 10
_DETAILS = 16
_STYLES = {
    PolicyResult.MET: "bold green",
    PolicyResult.NOT_MET: "bold red",
    PolicyResult.NO_EVIDENCE: "bold yellow",
}


def write_policy(page: Page, report: Report, *, verbose: bool) -> None:
    """Write what the profile makes of the message; without one that was chosen, with -v only."""
    policy = report.transport_policy
    if policy.profile == DEFAULT.name and not verbose:
        return
    page.blank()
    page.entry(Styled("Policy", "bold"), Styled(policy.summary, _STYLES[policy.result]), column=_COLUMN)
    for hop in policy.hops[:MOST]:
        page.entry("", f"Hop {hop.index}: {hop.why.removesuffix('.')} ({hop.rule}).", column=_COLUMN)
    if len(policy.hops) > MOST:
        page.line(f"{len(policy.hops) - MOST:,} hops more, all in the JSON", indent=_COLUMN)
    page.entry("", f"No header shows {'; '.join(policy.not_shown)}.", column=_COLUMN, style="dim")


def write_details(page: Page, report: Report) -> None:
    """Write everything that each field states of TLS."""
    stated = [hop for hop in report.path.hops if hop.transport.tls is not None]
    if not stated:
        return
    page.heading("TLS as recorded, hop by hop")
    for hop in stated[:MOST]:
        _details(page, hop)
    if len(stated) > MOST:
        page.line(f"{len(stated) - MOST:,} hops more, all in the JSON", indent=_DETAILS)


def _details(page: Page, hop: HopReport) -> None:
    info = hop.transport.tls
    if info is None:
        return
    lines = ["; ".join(part for part in _parameters(hop, info) if part)]
    if info.client_certificate is not None:
        lines.append(_client(info.client_certificate))
    for at, line in enumerate(lines):
        page.entry(Styled(f"hop {hop.index}" if at == 0 else "", "bold"), line, column=_DETAILS, indent=2, wide=True)


def _parameters(hop: HopReport, info: TLSInfo) -> tuple[str, ...]:
    renamed = info.cipher_iana is not None and info.cipher_iana != info.cipher
    secrecy = {True: "forward secrecy", False: "no forward secrecy", None: ""}
    confidence = hop.transport.confidence
    return (
        f"{words.vouched(hop)}: {words.tls(hop)}",
        f"registered as {info.cipher_iana}" if renamed else "",
        f"{info.bits} bits" if info.bits else "",
        f"keys by {info.key_exchange}" if info.key_exchange else "",
        secrecy[info.forward_secrecy],
        f"that server signed with {info.server_signature}" if info.server_signature else "",
        f"stated by a {info.basis.value}",
        "" if confidence is Confidence.HIGH else f"confidence: {confidence.value}",
    )


def _client(client: ClientCertificate) -> str:
    """Say whose certificate it is before anything that it says of itself."""
    if not client.presented:
        return "The sending side showed no certificate of its own, as is usual."
    verdict = {
        True: "that server verified its issuer",
        False: "that server did not verify it",
        None: "the field does not say whether it was verified",
    }[client.verified]
    shown = "a raw public key" if client.raw_public_key else "a certificate of its own"
    named = [
        f'in the name of "{client.common_name}"' if client.common_name else "",
        f'issued, as it says, by "{client.issuer}"' if client.issuer else "",
        f"fingerprint {client.raw_public_key}" if client.raw_public_key else "",
    ]
    said = ", ".join(part for part in (shown, *named) if part)
    return f"The sending side showed {said}; {verdict}."
