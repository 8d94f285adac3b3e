"""Subscribers of the utility: from its own system or an imported list, with consent and erasure."""
