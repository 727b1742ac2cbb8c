"""What the trials of one message may cost: counted, never timed, so that a slow machine finds what a fast one finds.

A *hash* is one digest that was finished and compared: with a signature's body hash, or with what its b= signs. Two
hundred are allowed for a message, whatever number of signatures it has. The octets that are read, canonicalized,
recoded or hashed on the way are counted beside them; thirty-two million take less than a second on a machine of ten
years ago, which keeps the whole below two seconds. bench/autopsies.py has the costliest messages that are known: a
third of a second on a machine of today.
"""

MAX_HASHES = 200
MAX_OCTETS = 32 * 1024 * 1024


class Budget:
    """What is left for one message. Every signature gets an equal share of what those before it left."""

    def __init__(self, hashes: int = MAX_HASHES, octets: int = MAX_OCTETS) -> None:
        self.hashes = hashes
        self.octets = octets
        self._hashes_kept = 0
        self._octets_kept = 0
        self.ended = False
        """Something was refused since the share was opened."""

    def open_share(self, of: int, members: int = 1, *, body_first: bool = False) -> None:
        """Allow the next of `of` signatures its share; the rest is kept for those that follow.

        `members`: so many of them profit from its trials; their shares go into it. `body_first`: the header is to be
        searched afterwards, which takes as many hashes and few octets.
        """
        hashes, octets = self.hashes * members // of, self.octets * members // of
        if body_first:
            hashes, octets = hashes // 2, octets * 4 // 5
        self._hashes_kept = self.hashes - hashes
        self._octets_kept = self.octets - octets
        self.ended = False

    @property
    def share(self) -> int:
        """Hashes that are left of the share."""
        return self.hashes - self._hashes_kept

    def work(self, octets: int) -> bool:
        """Pay for octets that are read or recoded; False if they cannot be afforded."""
        if octets > self.octets - self._octets_kept:
            self.ended = True
            return False
        self.octets -= octets
        return True

    def hash(self, octets: int) -> bool:
        """Pay for a digest over that many octets; False if it cannot be afforded."""
        if self.share <= 0:
            self.ended = True
            return False
        if not self.work(octets):
            return False
        self.hashes -= 1
        return True
