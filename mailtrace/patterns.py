"""Regular expressions that are compiled when they are first used. Imports nothing but `re`.

To compile one takes longer than to match it against a whole message, and one message needs a third of all there are.
Those that every message needs are compiled in the usual way.
"""

import re
from typing import Any, AnyStr, cast


def lazy(expression: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    r"""Return what behaves like the compiled expression.

    >>> lazy(r"\d+").fullmatch("42") is not None
    True
    """
    return cast("re.Pattern[AnyStr]", _Lazy(expression, flags))


class _Lazy:
    def __init__(self, expression: Any, flags: int | re.RegexFlag) -> None:
        self._given = (expression, flags)

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet: every method is looked up once, and then found without this."""
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(re.compile(*self._given), name)
        setattr(self, name, value)
        return value
