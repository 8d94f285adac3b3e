"""The benchmark's telephones: what they send, and that they recognise what they hear."""

import random
from collections.abc import Sequence

import pytest

from bench.caller import Placed
from bench.lap import Lap
from bench.measure import percentile
from bench.rtp import ALAW, EVENTS, HEADER, SAMPLES, SILENCE, Announcement, Outgoing, Sound
from bench.sip import Dialogue, parse, response

MS = 1_000_000
OK = (
    b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 127.0.0.1:4000;branch=z9hG4bK1;rport=4000\r\ni: abc\r\n"
    b"From: <sip:1@127.0.0.1>;tag=a\r\nTo: <sip:185@127.0.0.1:5060>;tag=b\r\nCSeq: 1 INVITE\r\n"
    b"Contact: <sip:127.0.0.1:5060>\r\nContent-Length: 40\r\n\r\n"
    b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 18000 RTP/AVP 8 101\r\n"
)


def speech(seed: int, samples: int) -> bytes:
    """Half a packet of silence, then noise that nothing else holds."""
    return SILENCE[:80] + random.Random(seed).randbytes(samples - 80)


def heard(audio: bytes, began: int = 0, sequence: int = 0) -> list[tuple[int, bytes]]:
    """Audio as it arrives: a packet every 20 ms."""
    cuts = range(0, len(audio), SAMPLES)
    return [
        (began + 20 * MS * i, HEADER.pack(0x80, ALAW, (sequence + i) & 0xFFFF, at, 7) + audio[at : at + SAMPLES])
        for i, at in enumerate(cuts)
    ]


def test_a_key_is_held_160_ms_and_its_end_is_sent_three_times() -> None:
    phone = Outgoing(source=7, sequence=65530)
    phone.tick()
    phone.press("#")
    ticks = [phone.tick() for _ in range(8)]
    fields = [HEADER.unpack_from(packet) for tick in ticks for packet in tick]
    payloads = [packet[HEADER.size :] for tick in ticks for packet in tick]
    assert [len(tick) for tick in ticks] == [1] * 7 + [3]
    assert [kind for _, kind, *_ in fields] == [0x80 | EVENTS] + [EVENTS] * 9
    assert {timestamp for *_, timestamp, _ in fields} == {2 * SAMPLES}
    assert [sequence for _, _, sequence, _, _ in fields] == [65532, 65533, 65534, 65535, 0, 1, 2, 3, 4, 5]
    assert payloads[0] == bytes([11, 10, 0, 160])
    assert payloads[-3:] == [bytes([11, 0x80 | 10, 5, 0])] * 3


def test_silence_goes_on_where_the_key_ended() -> None:
    phone = Outgoing(source=7)
    phone.press("1")
    for _ in range(8):
        phone.tick()
    assert not phone.pressing
    (packet,) = phone.tick()
    _, kind, sequence, timestamp, _ = HEADER.unpack_from(packet)
    assert (kind, sequence, timestamp) == (ALAW, 11, 9 * SAMPLES)


def test_an_announcement_is_found_behind_the_rest_of_the_one_before() -> None:
    before, wanted = speech(1, 1000), speech(2, 2000)
    place = Announcement(wanted).place(Sound.of(heard(before + wanted)))
    assert place is not None
    assert place.first == 1000 // SAMPLES


def test_packets_out_of_order_twice_and_across_the_wrap_are_put_right() -> None:
    wanted = speech(3, 1600)
    packets = heard(wanted, sequence=65533)
    packets[4], packets[5] = packets[5], packets[4]
    place = Announcement(wanted).place(Sound.of([packets[0], *packets]))
    assert place is not None
    assert place.first == 0


@pytest.mark.parametrize("lost", [0, 5, 8])
def test_an_announcement_with_a_hole_was_not_heard(lost: int) -> None:
    wanted = speech(4, 1600)
    packets = heard(wanted)
    del packets[lost]
    assert Announcement(wanted).place(Sound.of(packets)) is None


def a_call(before: bytes, key_at: int, answer: bytes, answer_at: int) -> Placed:
    call = Placed(Dialogue("sip:185@127.0.0.1", "1", "127.0.0.1", 1, 2))
    call.invited, call.answered, call.key_sent = 0, 3 * MS, key_at
    call.packets = heard(before) + heard(answer, began=answer_at, sequence=1000)
    return call


def judged(calls: Sequence[Placed], opening: bytes, *answer: bytes) -> Lap:
    lap = Lap("ari")
    for call in calls:
        lap.judge(call, [Announcement(opening)], [Announcement(part) for part in answer])
    return lap


def test_the_wait_is_from_the_end_of_the_key_to_the_first_new_packet() -> None:
    opening, first, second = speech(5, 1600), speech(6, 1600), speech(7, 1600)
    patient = a_call(opening, 700 * MS, first + second, 712 * MS)
    hasty = a_call(opening[:800], 90 * MS, first + second, 107 * MS)
    lap = judged([patient, hasty], opening, first, second)
    assert (lap.calls, lap.failures.total()) == (2, 0)
    assert (lap.answered, lap.after_prompt, lap.barge_in) == ([3.0, 3.0], [12.0], [17.0])
    assert lap.pauses == [0.0, 0.0]


def test_the_rest_of_the_opening_after_the_key_is_not_new_sound() -> None:
    opening, answer = speech(8, 3200), speech(9, 1600)
    call = a_call(opening, 90 * MS, answer, 440 * MS)
    assert judged([call], opening, answer).barge_in == [350.0]


def test_another_announcement_is_a_failure() -> None:
    opening, wanted, other = speech(10, 1600), speech(11, 1600), speech(12, 1600)
    lap = judged([a_call(opening, 700 * MS, other, 710 * MS)], opening, wanted)
    assert lap.failures.total() == 1


def test_an_answer_is_understood_and_acknowledged() -> None:
    dialogue = Dialogue("sip:185@127.0.0.1:5060", "905321234567", "127.0.0.1", 4000, 4002)
    answer = parse(OK)
    assert (answer.status, answer.method, answer.media_port, answer.header("call-id")) == (200, "INVITE", 18000, "abc")
    dialogue.answered(answer)
    ack = parse(dialogue.ack())
    assert ack.start == "ACK sip:127.0.0.1:5060 SIP/2.0"
    assert ack.header("to").endswith(";tag=b")


def test_a_refusal_is_acknowledged_in_the_same_transaction() -> None:
    dialogue = Dialogue("sip:185@127.0.0.1:5060", "905321234567", "127.0.0.1", 4000, 4002)
    invite = parse(dialogue.invite())
    ack = parse(dialogue.ack_refusal(parse(OK.replace(b"200 OK", b"503 Service Unavailable"))))
    assert ack.header("via") == invite.header("via")
    assert int(invite.header("content-length")) == len(invite.body)


def test_a_hang_up_is_answered_with_what_the_rules_want_copied() -> None:
    bye = parse(
        b"BYE sip:1@127.0.0.1 SIP/2.0\r\nVia: a\r\nVia: b\r\nFrom: c\r\nTo: d\r\nCall-ID: e\r\nCSeq: 9 BYE\r\n\r\n"
    )
    answered = parse(response(bye, "200 OK"))
    assert [value for _, value in answered.headers] == ["a", "b", "c", "d", "e", "9 BYE", "0"]


def test_what_is_no_sip_is_refused() -> None:
    with pytest.raises(ValueError, match="no SIP message"):
        parse(b"hello\r\n\r\n")


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentiles_are_values_that_were_measured(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == value
