"""What may be printed: hostile text on one line, where it can steer no terminal. Imports nothing."""


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
