"""A DNS server on loopback that takes its time: `python -m bench.dns_server ZONE.json MILLISECONDS` prints its port.

Every answer leaves so many milliseconds after its question came, however many are asked at once.
"""

import heapq
import json
import select
import socket
import sys
import time
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset


def main() -> None:
    """Serve until standard input ends."""
    zone = json.loads(Path(sys.argv[1]).read_text("utf-8"))["answers"]
    delay = float(sys.argv[2]) / 1000
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    waiting: list[tuple[float, int, bytes, tuple[str, int]]] = []
    count = 0
    while True:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([server, sys.stdin], [], [], patience)
        if sys.stdin in ready:
            return
        if server in ready:
            octets, client = server.recvfrom(4096)
            count += 1
            heapq.heappush(waiting, (time.monotonic() + delay, count, answer(octets, zone), client))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, response, client = heapq.heappop(waiting)
            server.sendto(response, client)


def answer(octets: bytes, zone: dict[str, dict[str, list[str]]]) -> bytes:
    """Answer one question from the zone."""
    query = dns.message.from_wire(octets)
    question = query.question[0]
    name = question.name.to_text(omit_final_dot=True).lower()
    response = dns.message.make_response(query, recursion_available=True)
    if name not in zone and not any(other.endswith(f".{name}") for other in zone):
        response.set_rcode(dns.rcode.NXDOMAIN)
    kind = dns.rdatatype.to_text(question.rdtype)
    for record in zone.get(name, {}).get(kind, ()):
        response.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, _data(kind, record)))
    return response.to_wire()


def _data(kind: str, record: str) -> str:
    if kind == "TXT":
        return " ".join(f'"{record[at : at + 255]}"' for at in range(0, len(record), 255))
    if kind == "MX":
        return f"{record}."
    return record


if __name__ == "__main__":
    main()
