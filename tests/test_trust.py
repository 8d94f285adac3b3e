"""Whom connections to other machines trust."""

import ssl

from web.trust import authorities


def test_authorities_are_read_once_and_every_name_is_checked() -> None:
    trusted = authorities()
    assert trusted is authorities()
    assert trusted.verify_mode is ssl.CERT_REQUIRED
    assert trusted.check_hostname
    assert len(trusted.get_ca_certs()) > 50
