"""The little SIP that a telephone needs to place a call over UDP and to be hung up on (RFC 3261, RFC 4566)."""

import secrets
from dataclasses import dataclass, field

from bench.rtp import ALAW, EVENTS

MAGIC = "z9hG4bK"
"""Every branch begins with it (RFC 3261, 8.1.1.7)."""
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP message: its first line, its headers in order with small names, and its body."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known == name), "")

    @property
    def status(self) -> int | None:
        """The status of a response; None for a request."""
        return int(self.start.split(" ", 2)[1]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """Of a request, or of the request that this answers."""
        return self.header("cseq").rpartition(" ")[2]

    @property
    def media_port(self) -> int:
        """Where the other side wants its audio, from the body."""
        return next(int(line.split(" ")[1]) for line in self.body.splitlines() if line.startswith("m=audio "))

    @property
    def contact(self) -> str:
        return self.header("contact").partition("<")[2].partition(">")[0]


def parse(datagram: bytes) -> Message:
    """Raises ValueError for what is no SIP message."""
    head, _, body = datagram.decode().partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    if "SIP/2.0" not in start:
        raise ValueError(f"no SIP message: {start[:80]!r}")
    pairs = (line.partition(":")[::2] for line in lines)
    named = ((name.strip().lower(), value.strip()) for name, value in pairs)
    return Message(start, tuple((COMPACT.get(name, name), value) for name, value in named), body)


def response(request: Message, status: str) -> bytes:
    """`status` is code and reason: "200 OK"."""
    copied = [f"{name}: {value}" for name, value in request.headers if name in ("via", "from", "to", "call-id", "cseq")]
    return "\r\n".join([f"SIP/2.0 {status}", *copied, "Content-Length: 0", "", ""]).encode()


@dataclass(slots=True)
class Dialogue:
    """The requests of one outgoing call."""

    target: str
    """Whom to call: `sip:185@127.0.0.1:5060`."""
    caller: str
    host: str
    sip_port: int
    rtp_port: int
    call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    branch: str = field(default_factory=lambda: MAGIC + secrets.token_hex(8))
    remote: str = ""
    """The other side's contact, once it has answered."""
    to: str = ""

    def invite(self) -> bytes:
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\nt=0 0\r\n"
            f"m=audio {self.rtp_port} RTP/AVP {ALAW} {EVENTS}\r\na=rtpmap:{ALAW} PCMA/8000\r\n"
            f"a=rtpmap:{EVENTS} telephone-event/8000\r\na=fmtp:{EVENTS} 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        )
        contact = f"<sip:{self.caller}@{self.host}:{self.sip_port}>"
        extra = (f"Contact: {contact}", "Allow: INVITE, ACK, BYE, CANCEL", "Content-Type: application/sdp")
        return self._request("INVITE", self.target, 1, self.branch, extra, body)

    def answered(self, ok: Message) -> None:
        self.to, self.remote = ok.header("to"), ok.contact

    def ack(self) -> bytes:
        return self._request("ACK", self.remote, 1, MAGIC + secrets.token_hex(8))

    def ack_refusal(self, refusal: Message) -> bytes:
        """A refusal is acknowledged within the INVITE's own transaction."""
        self.to = refusal.header("to")
        return self._request("ACK", self.target, 1, self.branch)

    def cancel(self) -> bytes:
        return self._request("CANCEL", self.target, 1, self.branch)

    def bye(self) -> bytes:
        return self._request("BYE", self.remote, 2, MAGIC + secrets.token_hex(8))

    def _request(
        self, method: str, uri: str, number: int, branch: str, extra: tuple[str, ...] = (), body: str = ""
    ) -> bytes:
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.sip_port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.caller}@{self.host}>;tag={self.tag}",
            f"To: {self.to or f'<{self.target}>'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            *extra,
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        return "\r\n".join(lines).encode()
