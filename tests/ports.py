"""Ports for the servers that tests start: none is given twice, also not to tests that run at the same time.

They lie outside of the range that the system gives to outgoing connections, and of those for sound of the softphone, of
installations and of benchmarks, so that nobody takes one between being given and being bound.
"""

import socket
from collections.abc import Iterator
from itertools import islice

BLOCKS = range(24000, 29900, 100)

_held: list[socket.socket] = []
"""The first port of each block that belongs to this process until it ends."""


def free_ports(count: int) -> list[int]:
    """Free for TCP and UDP."""
    return list(islice(_ours, count))


def _of_own_blocks() -> Iterator[int]:
    for block in BLOCKS:
        first = socket.socket()
        if _bound(first, block):
            _held.append(first)
            yield from filter(_free, range(block + 1, block + 100))
        else:
            first.close()


_ours = _of_own_blocks()


def _free(port: int) -> bool:
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _bound(tcp, port) and _bound(udp, port)


def _bound(one: socket.socket, port: int) -> bool:
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
