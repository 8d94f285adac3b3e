"""What telephones play. Making it needs large libraries, which only the workers have."""

VERSION = 1
"""Raise it whenever the sound of the same speech changes: all prompts are then rendered anew."""
NARROW, WIDE = 8000, 16000
FORMATS = {"alaw": 1, "ulaw": 1, "sln16": 4, "g722": 1}
"""Suffix, as Asterisk knows it, and bytes for each sample at 8 kHz."""
