"""Finding, configuring and running Asterisk."""
