"""Telephones that start side by side are each controlled by their own port."""

from ivr.asterisk.baresip import free_port


def test_no_two_phones_are_given_one_port() -> None:
    ports = [free_port() for _ in range(3000)]
    assert len(set(ports)) == len(ports)
