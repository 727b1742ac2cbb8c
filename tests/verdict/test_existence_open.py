"""RFC 9989 §4.10.1: whether the author domain exists decides between `sp` and `np`, and may not be known."""

import pytest

from mailtrace.auth.types import DMARC7489
from mailtrace.records import replace
from mailtrace.resolver import Mode
from mailtrace.results import DMARCResult
from mailtrace.verdict import DNSTime, judge
from tests.verdict.build import NONE, REJECT, a_dmarc, a_message, a_path, a_transport, an_authentication


@pytest.mark.parametrize(("sp", "np", "word"), [(REJECT, NONE, "indeterminate"), (NONE, REJECT, "suspicious")])
def test_existence_that_is_not_known_counts_where_it_could_decide(sp, np, word):
    older = DMARC7489(result=DMARCResult.FAIL, organizational_domain="example.com", policy=sp)
    dmarc = a_dmarc(DMARCResult.NOT_CHECKED, problem="not-recorded", older=older)
    dmarc = replace(dmarc, record=f"v=DMARC1; p=reject; sp={sp}; np={np}", record_domain="example.com")
    message = a_message()
    dns = DNSTime(mode=Mode.RECORDED, at=None)
    judgement = judge(message, a_path(message), a_transport(), an_authentication(dmarc=dmarc), dns=dns)
    assert str(judgement.verdict.authenticity) == word
