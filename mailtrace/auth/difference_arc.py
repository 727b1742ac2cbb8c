"""Why a stamped ARC result (`arc=pass`, RFC 8617 §6) is not what is computed here."""

from mailtrace.auth.difference_reasons import Compared, Why, unanswered, word_of
from mailtrace.auth.difference_types import Reason
from mailtrace.auth.types import ARCCheck, ClaimedResults, MethodClaim
from mailtrace.results import ARCResult


def arc_reason(compared: Compared, field: ClaimedResults, stamp: MethodClaim) -> Why | None:
    """Compare an ARC stamp with the chain."""
    check, word = compared.authentication.arc, word_of(stamp)
    if stamp.result == check.result.value:
        return None
    below = sum(index > field.field for index in compared.seal_fields)
    if check.sets and word == "none" and below == 0:
        return None  # the chain that it did not see was begun above it, as a rule by its own server
    if missing := unanswered(check.problem, check.result.value):
        return missing
    if word == "temperror":
        return Why(reason=Reason.DNS_UNANSWERED, detail="DNS did not answer the server that wrote the stamp.")
    if not check.sets:
        return Why(reason=Reason.SIGNATURE_ABSENT, detail="This copy holds no ARC chain any more.")
    if word == "pass" and check.result is ARCResult.FAIL:
        return _passed_then(compared, check, below)
    if below < len(compared.seal_fields):
        added = len(compared.seal_fields) - below
        return Why(reason=Reason.ADDED_SINCE, detail=f"Of the chain {added} set(s) were added above the stamp.")
    return Why(reason=Reason.UNEXPLAINED, detail="Nothing here explains it.")


_OTHER_KEY = frozenset({"signature-mismatch", "key-unusable", "key-type-mismatch"})


def _passed_then(compared: Compared, check: ARCCheck, below: int) -> Why:
    newest = check.sets[-1]
    problems = {each.seal_problem for each in check.sets} | {newest.message_problem}
    if problems & {"key-missing", "key-revoked"}:
        detail = f"A key of the chain is not published any more ({compared.times}); keys are replaced."
        return Why(reason=Reason.KEY_GONE, detail=detail)
    if check.altered_after == newest.instance and below >= len(check.sets):
        detail = "The message was changed after its newest ARC set was sealed, and so after this stamp."
        return Why(reason=Reason.COPY_ALTERED, detail=detail)
    # A key that verifies another signature of the chain is the right one: then the sealed fields are not.
    verifying = {each.seal_key for each in check.sets if each.seal_problem is None}
    verifying |= {each.message_key for each in check.sets if each.message_problem is None}
    if any(each.seal_problem in _OTHER_KEY and each.seal_key in verifying for each in check.sets):
        detail = "A seal does not hold, and its key is the right one: ARC fields of this copy were changed."
        return Why(reason=Reason.COPY_ALTERED, detail=detail)
    if problems & _OTHER_KEY:
        detail = f"A key of the chain is another one now ({compared.times})."
        return Why(reason=Reason.RECORD_CHANGED, detail=detail)
    broken = next((each for each in check.sets if each.cv == "fail"), None)
    if broken is not None and broken.seal is ARCResult.PASS:
        detail = (
            f"The sealer of set {broken.instance} ({broken.sdid}) wrote that the chain was broken already (cv=fail)."
        )
        later = broken.instance > below
        return Why(reason=Reason.ADDED_SINCE if later else Reason.UNEXPLAINED, detail=detail)
    if broken is not None and broken.seal_problem == "header-altered":
        detail = f"The seal of set {broken.instance} ({broken.sdid}) says cv=fail, and does not hold over this copy."
        return Why(reason=Reason.COPY_ALTERED, detail=detail)
    detail = f"The chain does not hold in this copy: {(check.problem or 'no reason').replace('-', ' ')}."
    return Why(reason=Reason.COPY_ALTERED if "header-altered" in problems else Reason.UNEXPLAINED, detail=detail)
