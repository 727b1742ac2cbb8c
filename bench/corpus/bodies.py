"""Bodies: short letters, long ones with HTML, and letters with a file attached in base64."""

import base64
import random
from dataclasses import dataclass

TEXT = (
    "the order of last week has been sent and will arrive on Friday please find the invoice attached we look forward "
    "to your answer about the meeting room on the second floor kind regards from all of us here price list number of "
    "shelves delivery address change thank you for your patience as discussed on the phone yesterday"
)
WORDS = TEXT.split()
CLASSES = {"S": (4_000, 20_000), "M": (50_000, 200_000), "L": (1_000_000, 4_000_000)}
"""Octets of the least and of the greatest body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body and the fields that describe it."""

    fields: tuple[bytes, ...]
    octets: bytes


class Writer:
    """Writes bodies; the paragraphs are made once and put together again and again."""

    def __init__(self, dice: random.Random) -> None:
        """Make the paragraphs."""
        self._dice = dice
        self._plain = [self._paragraph() for _ in range(200)]
        self._html = [b"<p>" + text.replace(b" ", b"=20", 1) + b"</p>\r\n" for text in self._plain]

    def _paragraph(self) -> bytes:
        words = self._dice.choices(WORDS, k=self._dice.randint(30, 120))
        lines = [" ".join(words[at : at + 11]) for at in range(0, len(words), 11)]
        # what people and programs leave behind: two spaces after a full stop, a space or a tab at the end
        habits = (lambda s: s, lambda s: s.replace(" ", "  ", 1), lambda s: s + " ", lambda s: s + "\t", lambda s: s)
        return "".join(self._dice.choice(habits)(line) + "\r\n" for line in lines).encode() + b"\r\n"

    def write(self, size_class: str) -> Body:
        """Write a body of that class."""
        size = self._dice.randint(*CLASSES[size_class])
        if size_class == "L":
            return self._with_file(size)
        if size_class == "M" and self._dice.random() < 0.6:
            return self._two_forms(size)
        fields = (b"Content-Type: text/plain; charset=utf-8\r\n", b"Content-Transfer-Encoding: 7bit\r\n")
        return Body(fields=fields, octets=self._text(self._plain, size))

    def sized(self, size: int) -> Body:
        """Write a body of about that size: text, or, if it is large, with a file."""
        if size > 400_000:
            return self._with_file(size)
        return Body(fields=(b"Content-Type: text/plain; charset=utf-8\r\n",), octets=self._text(self._plain, size))

    def returned(self, size_class: str, domain: str, recipient: str) -> Body:
        """Write a report that such a body could not be delivered (RFC 3464), with the message itself in it."""
        body, mark = self.write(size_class), self._boundary()
        octets = b"".join(
            (
                f"--{mark}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                f"Your message could not be delivered to nobody@{domain}: there is no such mailbox.\r\n\r\n"
                f"--{mark}\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.{domain}\r\n\r\n"
                f"Final-Recipient: rfc822; nobody@{domain}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
                f"--{mark}\r\nContent-Type: message/rfc822\r\n\r\nFrom: Bob <{recipient}>\r\n"
                f"To: nobody@{domain}\r\nSubject: Your offer\r\nMIME-Version: 1.0\r\n".encode(),
                *body.fields,
                b"\r\n" + body.octets,
                f"\r\n--{mark}--\r\n".encode(),
            )
        )
        kind = f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{mark}"\r\n'
        return Body(fields=(kind.encode(),), octets=octets)

    def _text(self, paragraphs: list[bytes], size: int) -> bytes:
        length = sum(map(len, paragraphs)) // len(paragraphs)
        text = b"".join(self._dice.choices(paragraphs, k=size // length + 1))
        return text + b"\r\n" * self._dice.choice((0, 0, 0, 1, 3))

    def _boundary(self) -> str:
        return f"----=_Part_{self._dice.getrandbits(48):012x}"

    def _two_forms(self, size: int) -> Body:
        mark = self._boundary()
        octets = b"".join(
            (
                f"--{mark}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".encode(),
                self._text(self._plain, size // 3),
                f"\r\n--{mark}\r\nContent-Type: text/html; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><body>\r\n".encode(),
                self._text(self._html, size * 2 // 3),
                f"</body></html>\r\n--{mark}--\r\n".encode(),
            )
        )
        return Body(
            fields=(f'Content-Type: multipart/alternative;\r\n\tboundary="{mark}"\r\n'.encode(),), octets=octets
        )

    def _with_file(self, size: int) -> Body:
        mark = self._boundary()
        encoded = base64.b64encode(self._dice.randbytes(size * 57 // 78))
        octets = b"".join(
            (
                f"--{mark}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".encode(),
                self._text(self._plain, 2_000),
                f"\r\n--{mark}\r\nContent-Type: application/pdf; name=offer.pdf\r\n"
                "Content-Transfer-Encoding: base64\r\n"
                "Content-Disposition: attachment; filename=offer.pdf\r\n\r\n".encode(),
                b"".join(encoded[at : at + 76] + b"\r\n" for at in range(0, len(encoded), 76)),
                f"--{mark}--\r\n".encode(),
            )
        )
        return Body(fields=(f'Content-Type: multipart/mixed; boundary="{mark}"\r\n'.encode(),), octets=octets)
