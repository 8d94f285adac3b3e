"""What comes over Asterisk's WebSocket is read as RFC 6455 has it, however it is cut up, and nothing else is."""

import contextlib
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from ivr.ari.frames import (
    CLOSE,
    NO_TEXT,
    PING,
    PONG,
    TEXT,
    TOO_LONG,
    WRONG_PROTOCOL,
    Frames,
    WrongFrame,
    frame,
)

LIMIT = 4096
PAYLOADS = st.binary(max_size=LIMIT)


def wire(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """As an independent implementation writes a client's frame."""
    return Frame(Opcode(opcode), payload, fin=final).serialize(mask=True)


def taken(pieces: list[bytes]) -> list[tuple[int, bytes]]:
    frames = Frames(LIMIT)
    return [message for piece in pieces for message in frames.feed(piece)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(at)]


@given(st.lists(PAYLOADS, max_size=5), st.lists(st.integers(min_value=0), max_size=20))
def test_messages_are_read_however_they_are_cut(payloads: list[bytes], places: list[int]) -> None:
    data = b"".join(wire(TEXT, payload) for payload in payloads)
    assert taken(cut(data, places)) == [(TEXT, payload) for payload in payloads]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6), st.binary(max_size=125))
def test_a_message_in_pieces_is_joined_and_a_ping_in_between_is_heard(parts: list[bytes], ping: bytes) -> None:
    last = len(parts) - 1
    data = b"".join(
        wire(TEXT if i == 0 else 0, part, final=i == last) + wire(PING, ping) for i, part in enumerate(parts)
    )
    heard = taken([data])
    assert [message for message in heard if message[0] == TEXT] == [(TEXT, b"".join(parts))]
    assert heard.count((PING, ping)) == len(parts)


@given(st.sampled_from([TEXT, CLOSE, PONG]), st.binary(max_size=125) | st.binary(min_size=126, max_size=70_000))
def test_what_is_written_is_read_by_others(opcode: int, payload: bytes) -> None:
    payload = {TEXT: payload, CLOSE: b"\x03\xe8", PONG: payload[:125]}[opcode]
    client = ClientProtocol(parse_uri("ws://localhost/"))
    client.state = client.state.OPEN
    client.parser = client.parse()  # past the handshake
    next(client.parser)
    client.receive_data(frame(opcode, payload))
    event = client.events_received()[0]
    assert isinstance(event, Frame)
    assert (event.opcode, bytes(event.data), event.fin) == (opcode, payload, True)


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_comes_is_read_or_refused_and_never_kept_beyond_the_limit(pieces: list[bytes]) -> None:
    frames = Frames(LIMIT)
    with contextlib.suppress(WrongFrame):
        for piece in pieces:
            for opcode, payload in frames.feed(piece):
                assert opcode in (TEXT, CLOSE, PING, PONG)
                assert len(payload) <= LIMIT
            assert len(frames._buffer) <= LIMIT + 200 + 14


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x81\x05hello", WRONG_PROTOCOL),
        (b"\xc1\x80\0\0\0\0", WRONG_PROTOCOL),
        (b"\x83\x80\0\0\0\0", WRONG_PROTOCOL),
        (b"\x80\x80\0\0\0\0", WRONG_PROTOCOL),
        (b"\x89\xfe\x00\x7e", WRONG_PROTOCOL),
        (b"\x09\x80\0\0\0\0", WRONG_PROTOCOL),
        (wire(TEXT, b"a", final=False) + wire(TEXT, b"b"), WRONG_PROTOCOL),
        (wire(2, b"binary"), NO_TEXT),
        (b"\x81\xff" + struct.pack("!Q", 1 << 40), TOO_LONG),
        (b"\x81\xff" + b"\xff" * 8, TOO_LONG),
        (wire(TEXT, b"a" * LIMIT, final=False) + wire(0, b"b"), TOO_LONG),
        (wire(TEXT, b"", final=False) + wire(0, b"", final=False) * LIMIT, TOO_LONG),
    ],
    ids=[
        "unmasked",
        "an extension",
        "no such kind",
        "a continuation of nothing",
        "a long ping",
        "a ping in pieces",
        "a message within a message",
        "binary",
        "a terabyte",
        "a negative length",
        "too long in pieces",
        "endless empty pieces",
    ],
)
def test_what_breaks_the_protocol_is_refused_before_it_is_kept(data: bytes, status: int) -> None:
    with pytest.raises(WrongFrame) as refused:
        taken([data])
    assert refused.value.status == status
