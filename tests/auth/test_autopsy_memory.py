"""An examined body is let go of at once: a mailbox of altered messages must not wait for the garbage collector."""

import gc
from pathlib import Path

from mailtrace import analyze, load_dns
from mailtrace.auth.autopsy.body_search import Repairs

SAMPLE = Path(__file__).parents[2] / "samples" / "list-footer"


def test_no_body_is_held_by_what_searched_it():
    raw, dns = SAMPLE.with_suffix(".eml").read_bytes(), load_dns(SAMPLE.with_suffix(".dns.json"))
    gc.collect()
    gc.disable()
    before = those_alive()
    try:
        report = analyze(raw, dns=dns)
        held = those_alive() - before
    finally:
        gc.enable()
    assert any(check.alteration for check in report.authentication.dkim)
    assert not held


def those_alive():
    return {id(one) for one in gc.get_objects() if isinstance(one, Repairs)}
