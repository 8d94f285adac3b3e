"""How callers' numbers may be shown."""


def masked(number: str | None) -> str:
    """The last two digits at most, for logs."""
    return f"…{number[-2:]}" if number and len(number) > 4 else "withheld"
