"""The answer over all transfers, in words that can be read to somebody, and what to do next. Pure."""

from collections import Counter
from collections.abc import Sequence

from mailtrace.delivery.coverage import Coverage
from mailtrace.delivery.forced.collect import Collected
from mailtrace.delivery.forced.report import ForcedAnswer, ForcedSummary, Transfer
from mailtrace.delivery.opening import Opened
from mailtrace.results import Security

_WORST = (ForcedAnswer.IN_CLEAR, ForcedAnswer.NOT_VERIFIED, ForcedAnswer.UNDECIDED, ForcedAnswer.MET)
_LOG_MORE = {
    "postfix-log": "Let Postfix write of TLS when it sends: smtp_tls_loglevel = 1.",
    "exim-log": "Let Exim write of TLS: log_selector = +tls_cipher +tls_certificate_verified.",
    "exim-syslog": "Let Exim write of TLS: log_selector = +tls_cipher +tls_certificate_verified.",
    "sendmail-log": "Let Sendmail write of TLS: LogLevel 9 or more.",
    "exchange-tracking": "Ask for the protocol log of the send connector: message tracking says nothing of TLS.",
    "microsoft365-trace": "Ask for the details of each message (its events name TLS), or for the outbound messages in "
    "transit report: a trace says nothing of TLS.",
    "google-email-log": "Export the log search again, with the column on encryption.",
}
_FORCE = (
    "Force TLS to these domains where the messages were sent: smtp_tls_policy_maps in Postfix, hosts_require_tls in "
    "Exim, TLS_Srv or TLS_Rcpt in Sendmail's access map, a connector in Exchange and Microsoft 365."
)


def summarise(
    transfers: Sequence[Transfer], collected: Collected, opened: Opened, coverage: Sequence[Coverage]
) -> ForcedSummary:
    """Put the answer into words."""
    counts = Counter(one.answer for one in transfers)
    outcome = next((one for one in _WORST if counts[one]), ForcedAnswer.NOTHING_SENT)
    whole = not (collected.faults or collected.is_too_much or opened.faults)
    return ForcedSummary(
        outcome=outcome,
        summary=_sentence(counts, len(transfers)),
        is_complete=whole and all(part.covers_query is not False for part in coverage) and bool(coverage),
        transfers=len(transfers),
        met=counts[ForcedAnswer.MET],
        in_clear=counts[ForcedAnswer.IN_CLEAR],
        not_verified=counts[ForcedAnswer.NOT_VERIFIED],
        undecided=counts[ForcedAnswer.UNDECIDED],
        on_this_machine=collected.on_this_machine,
        next_steps=tuple(_steps(transfers, collected, counts)),
    )


def _sentence(counts: Counter[ForcedAnswer], total: int) -> str:
    if not total:
        return "These logs have no transfer to the domains of the list."
    whole = "transfer" if total == 1 else "transfers"
    if counts[ForcedAnswer.MET] == total:
        return f"{_all(total)} to the domains of the list met its policy."
    parts = [
        f"{counts[answer]:,} {words}"
        for answer, words in (
            (ForcedAnswer.IN_CLEAR, "went in clear"),
            (ForcedAnswer.NOT_VERIFIED, "went under TLS without the certificate being verified"),
            (ForcedAnswer.UNDECIDED, "cannot be decided from these logs"),
            (ForcedAnswer.MET, "met the policy"),
        )
        if counts[answer]
    ]
    front = ", ".join(parts[:-1])
    return f"Of {total:,} {whole} to the domains of the list, {f'{front} and ' if front else ''}{parts[-1]}."


def _all(total: int) -> str:
    return {1: "The one transfer", 2: "Both transfers"}.get(total, f"All {total:,} transfers")


def _steps(transfers: Sequence[Transfer], collected: Collected, counts: Counter[ForcedAnswer]) -> list[str]:
    steps = []
    if counts[ForcedAnswer.IN_CLEAR]:
        steps.append(_FORCE)
    silent, at_ends = set(), False
    for found, one in zip(collected.transfers, transfers, strict=True):
        if one.transport is not Security.UNRECORDED:
            continue
        if found.silence is not None and (found.silence.before or found.silence.after):
            at_ends = True
        else:
            silent.add(found.kind)
    if at_ends:
        steps.append("Give the logs from before and after these as well: they may decide some of the rest.")
    return [*steps, *dict.fromkeys(step for kind, step in _LOG_MORE.items() if kind in silent)]
