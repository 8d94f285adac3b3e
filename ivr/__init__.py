"""The service: Asterisk adapters, call runner, web application, settings, command line."""
