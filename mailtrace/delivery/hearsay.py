"""Hearsay: what somebody says became of a message (evidence class E). It is shown, and decides nothing. Pure.

People mistake one message for another, look into another mailbox, and say what is expected of them. What they say is
worth asking after, so it stands beside the answer; the answer is what the sources show.
"""

from mailtrace.delivery.answer import Outcome
from mailtrace.delivery.events import EvidenceClass
from mailtrace.delivery.evidence import Answered
from mailtrace.delivery.query import folded
from mailtrace.findings import excerpt
from mailtrace.records import replace


def with_words(answered: Answered, said: tuple[tuple[str, str], ...]) -> Answered:
    """Add what somebody says of this recipient; of an answer without evidence it is all that there is."""
    answer, steps = answered
    words = tuple(words for address, words in said if folded(address) == folded(answer.address))
    if not words:
        return answered
    is_all = answer.outcome is Outcome.UNKNOWN and answer.evidence_class is None
    quoted = " and ".join(f'"{excerpt(one)}"' for one in words)
    beside = (
        "nothing that was given bears it out, and it decides nothing" if is_all else "it does not change the answer"
    )
    told = replace(
        answer,
        said=words,
        evidence_class=EvidenceClass.E if is_all else answer.evidence_class,
        explanation=f"{answer.explanation} Somebody says: {quoted}. That is their word: {beside}.",
    )
    who = excerpt(answer.address)
    asked = f"Ask the owner of {who} to save the message as a file with all its header fields, and add that file."
    return told, (*steps, asked) if is_all else steps
