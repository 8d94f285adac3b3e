"""Calls to citizens: who is called, when, how often, and what came of it."""
