"""Why a stamped DKIM result is not what is computed here. None: it is the same."""

from mailtrace.auth.difference_reasons import Compared, Why, unanswered, word_of
from mailtrace.auth.difference_types import Reason
from mailtrace.auth.stamped import stated
from mailtrace.auth.types import ClaimedResults, DKIMCheck, MethodClaim
from mailtrace.findings import excerpt
from mailtrace.results import Comparison, DKIMResult, Standing

_PASSED = frozenset({"pass", "test"})  # Exchange Online says `test` of a key with t=y
_WEAK = {
    "weak-key": "the key is too short to count (RFC 8301)",
    "weak-algorithm": "rsa-sha1 does not count any more (RFC 8301)",
    "expired": "it had expired at reception",
    "body-length": "its l= is more than the body has",
    "key-strict": "the key allows no subdomain in i= (t=s)",
}
_KEY_GONE = {"key-missing": "is not published any more", "key-revoked": "has been revoked"}
_KEY_CHANGED = {
    "key-unusable": "cannot be used",
    "key-type-mismatch": "is of another kind",
    "signature-mismatch": "did not make this signature",
}


def dkim_reason(compared: Compared, field: ClaimedResults, stamp: MethodClaim, check: DKIMCheck | None) -> Why | None:
    """Compare a DKIM stamp with the signature that it speaks of."""
    if check is None:
        return _no_such_signature(compared, field, stamp)
    word, computed = word_of(stamp), check.result.value
    if computed == stamp.result:
        return None
    if missing := unanswered(check.problem, computed):
        return missing
    if word in _PASSED:
        return None if check.result is DKIMResult.PASS else _passed_then(compared, field, check)
    if word == "temperror":
        return Why(reason=Reason.DNS_UNANSWERED, detail="DNS did not answer the server that wrote the stamp.")
    if check.result is not DKIMResult.PASS:
        detail = f"{stamp.result} and {computed} both say that the signature does not count."
        return Why(reason=Reason.POLICY_WORD, detail=detail)
    return _failed_then(compared, stamp, check)


def _passed_then(compared: Compared, field: ClaimedResults, check: DKIMCheck) -> Why:
    """Explain a signature that passed, by the stamp, and does not pass here."""
    problem = check.problem or ""
    key = f"The key {check.selector}._domainkey.{check.sdid}"
    true = "" if field.standing is Standing.TRUSTED else "If the stamp is true: "
    if problem in _KEY_GONE:
        return _gone(compared, field, f"{true}{key} {_KEY_GONE[problem]}")
    if problem in _WEAK:
        detail = f"The signature verifies, and does not pass here: {_WEAK[problem]}."
        return Why(reason=Reason.POLICY_WORD, detail=detail)
    if problem in _KEY_CHANGED and check.body_hash is not Comparison.MISMATCH:
        if compared.other_time is False:
            detail = f"{key} {_KEY_CHANGED[problem]}, by DNS of the same days ({compared.times})."
            return Why(reason=Reason.UNEXPLAINED, detail=detail)
        detail = f"{true}{key} is another one now; the one that answers {_KEY_CHANGED[problem]} ({compared.times})."
        return Why(reason=Reason.RECORD_CHANGED, detail=detail)
    if check.body_hash is Comparison.MISMATCH or problem == "header-altered":
        what = "the body" if check.body_hash is Comparison.MISMATCH else "signed header fields"
        kept = "; the signature over the header still verifies" if check.header_signature is Comparison.MATCH else ""
        if check.alteration is not None and check.alteration.proved:
            kept = f" ({check.alteration.kind.replace('-', ' ').replace('html', 'HTML')}: proved)"
        detail = f"{true}{what} of this copy changed after the stamp was written{kept}."
        return Why(reason=Reason.COPY_ALTERED, detail=detail[0].upper() + detail[1:])
    detail = f"It does not pass here: {problem.replace('-', ' ')}."
    return Why(reason=Reason.UNEXPLAINED, detail=detail)


def _gone(compared: Compared, field: ClaimedResults, what: str) -> Why:
    """Explain a key that is not there. By DNS of the same days that is strange, and a claim may be made up."""
    if compared.other_time is not False:
        return Why(reason=Reason.KEY_GONE, detail=f"{what} ({compared.times}); that by itself is no sign of forgery.")
    trusted = field.standing is Standing.TRUSTED
    reason = Reason.KEY_GONE if trusted else Reason.UNEXPLAINED
    return Why(reason=reason, detail=f"{what}, by DNS of the same days ({compared.times}).")


def _failed_then(compared: Compared, stamp: MethodClaim, check: DKIMCheck) -> Why:
    """Explain a signature that verifies here, and did not by the stamp."""
    said = stamp.reason or stamp.comment
    reported = f" ({excerpt(said)[:60]})" if said else ""
    if said and "key" in said.lower():
        detail = f"The server had no usable key{reported}; the one that DNS gives here verifies ({compared.times})."
        return Why(reason=Reason.RECORD_CHANGED, detail=detail)
    detail = (
        f"The signature of {check.sdid} verifies over this copy: the stamp{reported} is mistaken, "
        "or was written of the message in another state."
    )
    return Why(reason=Reason.UNEXPLAINED, detail=detail)


def _no_such_signature(compared: Compared, field: ClaimedResults, stamp: MethodClaim) -> Why | None:
    checks, domains = compared.authentication.dkim, stated(stamp, ("header.d", "header.i"))
    if stamp.result != "none":
        whose = f" of {excerpt(domains[0])}" if domains else ""
        if not domains and checks:
            return None  # it names none of several signatures: there is nothing to compare
        detail = f"This copy holds no such signature{whose}: it was removed, or the stamp is of another message."
        return Why(reason=Reason.SIGNATURE_ABSENT, detail=detail)
    present = [check for check in checks if not domains or check.sdid in domains]
    if not present:
        return None
    # `at` fails for no check: there is a field for every one of them.
    if all(compared.signature_fields[check.index] < field.field for check in present):
        detail = "Every signature stands above the stamp: it was added after it."
        return Why(reason=Reason.ADDED_SINCE, detail=detail)
    if not any(check.result is DKIMResult.PASS for check in present):
        detail = "The stamp says that there is no signature, and the one that is here does not pass either."
        return Why(reason=Reason.POLICY_WORD, detail=detail)
    detail = "The stamp says that there is no signature, and the one that is here verifies."
    return Why(reason=Reason.UNEXPLAINED, detail=detail)
