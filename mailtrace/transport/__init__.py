"""Transport: what the Received fields record about encryption (RFC 3848, RFC 8314), per hop.

`assess(path)` takes the hop chain and gives, for each hop: encrypted, cleartext, unrecorded or local; the TLS
parameters and their grade; what the profile in force makes of them; and findings. It never says "secure": it says who
recorded what.
"""

from mailtrace.transport.assess import assess
from mailtrace.transport.grade import DEFAULT, Profile
from mailtrace.transport.profiles import PROFILES
from mailtrace.transport.scope import is_deciding

__all__ = ["DEFAULT", "PROFILES", "Profile", "assess", "is_deciding"]
