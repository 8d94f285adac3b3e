"""Where a webhook may go: public web addresses, unless a person allowed this machine's own network."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from outbox.errors import OutboxError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host, best first; raises OSError."""
LONGEST_URL = 2000
_PORTS = {"http": 80, "https": 443}
FORBIDDEN_PORTS = frozenset(
    {0, 1, 7, 9, 19, 20, 21, 22, 23, 25, 53, 69, 110, 111, 135, 137, 139, 143, 161, 389, 445, 465, 514, 587, 636, 993}
    | {995, 1433, 1521, 2049, 2375, 3306, 3389, 5060, 5061, 5432, 5900, 6379, 9200, 11211, 27017}
)
"""Services that may take an HTTP request for something else."""
_NAT64 = IPv6Network("64:ff9b::/96")


async def system_resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked_url(url: str) -> httpx.URL:
    """Refuse with `bad_url` what can never be a webhook."""
    try:
        parsed = httpx.URL(url)
        port = parsed.port or _PORTS.get(parsed.scheme)
    except (httpx.InvalidURL, ValueError):
        raise OutboxError("This is no web address; write https://host/path.", "bad_url") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise OutboxError(f"Write the address in plain ASCII, at most {LONGEST_URL} characters.", "bad_url")
    if parsed.scheme not in _PORTS or not parsed.host:
        raise OutboxError("A webhook goes to an http or https address.", "bad_url")
    if parsed.userinfo:
        raise OutboxError("Leave name and password out of the address; the signature proves who sends.", "bad_url")
    if parsed.fragment:
        raise OutboxError("Leave the part after # out of the address; it is never sent.", "bad_url")
    if port is None or port > 65535 or port in FORBIDDEN_PORTS:
        raise OutboxError(f"No web server listens on port {port}; use another.", "bad_url")
    return parsed


def host_of(url: httpx.URL) -> str:
    """As it is asked for in DNS and TLS; `httpx.URL.host` would turn xn-- back into letters."""
    return url.raw_host.decode("ascii")


async def permitted_addresses(url: httpx.URL, *, allow_private: bool, resolve: Resolve) -> list[str]:
    """The addresses to connect to, and to no other: a name may answer differently the next time it is asked."""
    port = url.port or _PORTS[url.scheme]
    try:
        found = await resolve(host_of(url), port)
    except (OSError, UnicodeError):
        raise OutboxError(f"The name {url.host} cannot be resolved.", "unresolvable") from None
    permitted = [address for address in found if _permitted(address, allow_private)]
    if not permitted:
        raise OutboxError(
            f"{url.host} lies in a private network; an administrator may allow that for this webhook.",
            "private_address",
        )
    return permitted


def _permitted(written: str, allow_private: bool) -> bool:
    try:
        address = _meant(ip_address(written))
    except ValueError:
        return False
    # clouds hand out credentials on link-local addresses: no webhook is meant by one
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if allow_private:
        return True
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_reserved and not site_local


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one carries, or itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
