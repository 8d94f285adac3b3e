"""The conversations: what is said, asked and decided."""
