"""Work counted in calls: what a test may say of cost, since seconds say more about the machine than about the code."""

import sys


def calls(work):
    """Count the calls that a piece of work makes, of Python and of C."""
    count = 0

    def count_one(_, event, __):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_one)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
