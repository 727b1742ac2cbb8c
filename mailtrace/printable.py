"""What may be printed: hostile text on one line, where it can steer no terminal; times in words. Imports nothing."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def escape(text: str) -> str:
    r"""Make hostile text printable on one line: control, bidirectional, surrogate and private characters escaped.

    >>> escape("a\x1b[31m\u202eb")
    'a\\x1b[31m\\u202eb'
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii") for char in text
    )


def hours(seconds: float) -> str:
    """Say by how much a time zone is wrong, of whose hours the clocks differ by some seconds more or less.

    >>> hours(-3598)
    'about 1 h'
    """
    return f"about {round(abs(seconds) / 3600)} h"


def about(seconds: float) -> str:
    """Say roughly how long: of hours, to the minute.

    >>> about(-7199), about(299)
    ('about 2 h', 'about 4 min 59 s')
    """
    size = abs(seconds)
    return f"about {duration(round(size / 60) * 60 if size >= 3600 else size)}"


def duration(seconds: float) -> str:
    """Say how long in its two largest units.

    >>> duration(3725)
    '1 h 2 min'
    >>> duration(0.4)
    '0.4 s'
    """
    size = abs(seconds)
    if size < 10 and size != int(size):
        return f"{size:.1f} s"
    rest = round(size)
    parts: list[str] = []
    for unit, name in _UNITS:
        count, rest = divmod(rest, unit)
        if count or (unit == 1 and not parts):
            parts.append(f"{count:,} {name}")
    return " ".join(parts[:2])
