"""Measurements of a running Alo 185, made by telephones of our own. Nothing here is part of the service."""
