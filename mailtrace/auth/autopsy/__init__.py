"""The autopsy: why does this signature not verify? Found by experiment, within a budget.

For a signature that fails, changes that are known to happen on the way are undone one by one and together, until the
message has the body hash that the signature states (RFC 6376 §3.7) and the header that it signs. If that succeeds, the
message so repaired is verified like any other, and only if it passes the change is *proved*: the owner of the key
signed the rest. Who made the change is not proved, and what was added may be the attack. No clock, no network: what is
tried, and how much, depends on the message alone.
"""

from mailtrace.auth.autopsy.examiner import Examiner, examine, examiner_of
from mailtrace.auth.autopsy.types import Autopsy, Outcome

__all__ = ["Autopsy", "Examiner", "Outcome", "examine", "examiner_of"]
