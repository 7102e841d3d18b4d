"""A DNS server on the loopback that knows one zone, which a test writes."""

import socketserver

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.fakes.faulty import Serving


class DnsServer(Serving):
    """Answers by UDP from records: {"name TYPE": [data as in a zone file]}; silent makes it answer SERVFAIL."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, list[str]] = {}
        self.is_broken = False
        self.broken: set[str] = set()  # names whose servers are away
        self.server = _Udp(("127.0.0.1", 0), _Handler)
        self.server.zone = self

    @property
    def address(self) -> str:
        """For DOCTOR_NAMESERVER."""
        return f"127.0.0.1:{self.server.server_address[1]}"

    def answer(self, data: bytes) -> bytes:
        question = dns.message.from_wire(data)
        reply = dns.message.make_response(question)
        [asked] = question.question
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        if self.is_broken or name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found := self.records.get(f"{name} {kind}"):
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *found))
        elif not any(known.startswith(f"{name} ") for known in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    zone: DnsServer


class _Handler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        data, channel = self.request
        channel.sendto(self.server.zone.answer(data), self.client_address)
