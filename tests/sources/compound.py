"""Write a compound file (MS-CFB, version 3) with streams in its root, as Outlook's .msg has them (MS-OXMSG §2.1)."""

import struct

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NOBODY = 0xFFFFFFFF
ROOT, STREAM = 5, 2


def compound(streams):
    """Return the octets of a file with these streams: the short ones in the mini stream, as MS-CFB §2.2 wants it."""
    sectors, fat = [], []
    mini, mini_fat, entries = b"", [], []
    # MS-CFB §2.6.4: siblings are in order of length, then of upper case.
    for name in sorted(streams, key=lambda one: (len(one), one.upper())):
        octets = streams[name]
        if 0 < len(octets) < CUTOFF:
            start = len(mini) // MINI
            mini += _padded(octets, MINI)
            mini_fat += _chain(start, -(-len(octets) // MINI))
        else:
            start = _store(octets, sectors, fat)
        entries.append((name, STREAM, start, len(octets)))
    root = _store(mini, sectors, fat)
    mini_table = _store(b"".join(struct.pack("<I", one) for one in mini_fat), sectors, fat, filler=b"\xff")
    directory = _entry("Root Entry", ROOT, root, len(mini), child=1 if entries else NOBODY)
    for number, (name, kind, start, size) in enumerate(entries, 1):
        directory += _entry(name, kind, start, size, right=number + 1 if number < len(entries) else NOBODY)
    first_entry = _store(directory, sectors, fat)
    count = 1
    while -(-(len(fat) + count) * 4 // SECTOR) > count:
        count += 1
    places = range(len(fat), len(fat) + count)
    table = fat + [FAT] * count
    sectors.append(_padded(b"".join(struct.pack("<I", one) for one in table), SECTOR, b"\xff"))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, count, first_entry, 0, CUTOFF, mini_table if mini_fat else END, -(-len(mini_fat) * 4 // SECTOR), END, 0,
        places[0],
    )  # fmt: skip
    more = b"".join(struct.pack("<I", place) for place in places[1:])
    return _padded(header + more, SECTOR, b"\xff") + b"".join(sectors)


def _padded(octets, size, filler=b"\0"):
    return octets + filler * (-len(octets) % size)


def _chain(start, count):
    return [*range(start + 1, start + count), END]


def _store(octets, sectors, fat, filler=b"\0"):
    """Put octets into sectors, and return the first; END for none."""
    if not octets:
        return END
    start = len(fat)
    padded = _padded(octets, SECTOR, filler)
    sectors.append(padded)
    fat += _chain(start, len(padded) // SECTOR)
    return start


def _entry(name, kind, start, size, child=NOBODY, right=NOBODY):
    encoded = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ", encoded, len(encoded), kind, 1, NOBODY, right, child, b"", 0, 0, 0, start, size
    )
