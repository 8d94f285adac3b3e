"""The people who answer: their states, what they know of a caller before the first word, and what came of it."""
