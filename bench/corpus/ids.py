"""Queue ids as servers write them: where one holds a time, it is that of its field."""

import base64
import random
import string
from datetime import UTC, datetime

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def postfix(dice: random.Random) -> str:
    """Return a short id: microseconds, and the number of a file. It holds no time that could be read."""
    return f"{dice.randrange(10**6):05X}{dice.randrange(1 << 24, 1 << 28):07X}"


def exim(moment: datetime, dice: random.Random) -> str:
    """Return an id of Exim 4.97 or newer: seconds since 1970, process, fraction of the second, to the base 62."""
    return (
        f"{_of_62(int(moment.timestamp()), 6)}-{_of_62(dice.randrange(1 << 22), 11)}-{_of_62(dice.randrange(10**6), 4)}"
    )


def sendmail(moment: datetime, dice: random.Random) -> str:
    """Return an id of sendmail: a character each for year, month, day, hour, minute and second; two and a process."""
    utc = moment.astimezone(UTC)
    parts = ((utc.year - 1900) % 60, utc.month - 1, utc.day, utc.hour, utc.minute, utc.second, dice.randrange(60), 0)
    return "".join(map(_DIGITS.__getitem__, parts)) + f"{dice.randrange(1, 10**6):06d}"


def dovecot(moment: datetime, dice: random.Random) -> str:
    """Return an id of Dovecot's LMTP: nanoseconds, seconds, process and host in sixteen octets."""
    numbers = (dice.randrange(10**9), int(moment.timestamp()), dice.randrange(1 << 22), 0x0A010005)
    return base64.b64encode(b"".join(number.to_bytes(4, "little") for number in numbers)).decode().rstrip("=")


def _of_62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits.rjust(width, "0")
