"""A seeded corpus: mail as it is met, in three classes of size, with DNS for all of it and the verdicts it must have.

    python -m bench.corpus DIRECTORY --size full|small|smoke

Most is signed and arrives as it was sent. Some is altered, spoofed, or signed twice; a few in a hundred came by
forwarders that sealed it (ARC), with the chain whole or broken, and as many are bounces, which name no sender.

The same seed gives the same octets, on any machine. What a message must be found to be follows from how it was made;
nothing of mailtrace is used to make it, so that a fault of ours cannot hide in the expectation.
"""
