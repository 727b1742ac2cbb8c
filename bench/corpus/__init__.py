"""A seeded corpus: mail as it is met, in three classes of size, with DNS for all of it and the verdicts it must have.

    python -m bench.corpus DIRECTORY --size full|small|smoke

The same seed gives the same octets, on any machine. What a message must be found to be follows from how it was made;
nothing of mailtrace is used to make it, so that a fault of ours cannot hide in the expectation.
"""
