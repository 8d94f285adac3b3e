"""The ports that an installation listens on, and whether they are free: told before anything starts."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ivr.settings import Settings


@dataclass(frozen=True, slots=True)
class Port:
    host: str
    number: int
    kind: Literal["tcp", "udp"]
    purpose: str
    setting: str
    """Environment variable or option that moves it elsewhere."""

    def free(self) -> bool:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM if self.kind == "tcp" else socket.SOCK_DGRAM) as probe:
            if self.kind == "tcp":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.number))
                if self.kind == "tcp":
                    probe.listen(1)
            except OSError:
                return False
        return True


class PortsInUse(Exception):
    code = "ports_in_use"

    def __init__(self, taken: Iterable[Port]) -> None:
        named = "; ".join(f"{p.kind} {p.number} on {p.host} ({p.purpose}; move it with {p.setting})" for p in taken)
        super().__init__(
            f"these ports are already in use: {named}. Is Alo 185 up already? Stop what uses them, or choose others."
        )


def require_free(ports: Iterable[Port]) -> None:
    """Raise PortsInUse naming every port that something else holds."""
    if taken := [port for port in ports if not port.free()]:
        raise PortsInUse(taken)


def service_ports(settings: Settings) -> list[Port]:
    """The ports that the service itself is going to bind."""
    return [
        Port(settings.host, settings.port, "tcp", "HTTP service", "--port or ALO185_PORT"),
        Port(settings.host, settings.agi_port, "tcp", "FastAGI", "ALO185_AGI_PORT"),
    ]
