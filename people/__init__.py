"""Who may do what: people, roles, sessions, API keys, and the log of what they did."""
