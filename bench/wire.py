"""A UDP socket whose packets carry the kernel's own arrival time, so that a busy caller does not measure itself."""

import asyncio
import socket
import struct
from collections.abc import Callable

SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33
BUFFER = 16 << 20
AT_ONCE = 256
TIMESPEC = struct.Struct("@qq")
Receiver = Callable[[int, bytes, tuple[str, int]], None]
"""Called with nanoseconds since the epoch, the packet, and who sent it."""


class Wire:
    def __init__(self, host: str, receive: Receiver) -> None:
        self._receive = receive
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.send = self._socket.sendto
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        read, receive = self._socket.recvmsg, self._receive
        for _ in range(AT_ONCE):
            try:
                packet, extra, _, sender = read(4096, 64)
            except BlockingIOError:
                return
            seconds, nanoseconds = TIMESPEC.unpack(extra[0][2])
            receive(seconds * 1_000_000_000 + nanoseconds, packet, sender)
