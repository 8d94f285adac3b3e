"""Call records and what callers asked us to remember."""
