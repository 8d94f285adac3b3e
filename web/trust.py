"""Whom connections to other machines trust. Reading all authorities takes up to a tenth of a second: once is enough."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """The public ones, and the system's, among which may be the utility's own."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context
