"""The one door to dkimpy: its tag-list parser, corrected where RFC 6376 says otherwise.

The parts of dkimpy that back-track, crash or fold several causes into one boolean are not used; docs/libraries.md lists
them. What is used takes time linear in its input.
"""

import sys
from importlib.machinery import PathFinder
from typing import cast

from mailtrace.left_out import RE, empty, later, left_out


def _handler() -> object:
    from logging import NullHandler  # noqa: PLC0415 - for who asks dkimpy for a logger; we do not

    return NullHandler()


# The package itself imports all of dkimpy; here is one of its modules, which needs no other, and is ours alone then.
_PLACE = PathFinder.find_spec("dkim")
_PACKAGE = empty("dkim", __path__=_PLACE.submodule_search_locations if _PLACE else [])
_LOGGING = later("logging", NullHandler=_handler)
with left_out((_PACKAGE,), (_LOGGING,), instead=(RE,)):
    from dkim.util import InvalidTagValueList, parse_tag_value
if "dkim" not in sys.modules:  # whoever imports it later gets all of it
    del sys.modules["dkim.util"]


class TagListError(ValueError):
    """The octets are not a tag list, RFC 6376 §3.2."""


def parse_tag_list(octets: bytes) -> dict[str, bytes]:
    """Parse an unfolded tag list, RFC 6376 §3.2. The tags keep their order, and the values the white space inside.

    Raises TagListError if a tag has no `=`, a name no tag may have, or stands twice (the whole list is invalid then).
    """
    try:
        tags = cast("dict[bytes, bytes]", parse_tag_value(octets))
    except InvalidTagValueList as fault:
        raise TagListError(f"not a tag=value list, or a tag that stands twice: {fault.args[0]!r:.80}") from fault
    for name in tags:
        # RFC 6376 §3.2: tag-name = ALPHA *ALNUMPUNC. dkimpy looks at the beginning of the name only.
        if not (name[:1].isalpha() and name.replace(b"_", b"0").isalnum()):
            raise TagListError(f"not a tag name: {name!r:.80}")
    return {name.decode("ascii"): value for name, value in tags.items()}
