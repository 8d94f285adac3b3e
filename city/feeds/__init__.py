"""Outages for other programs: alerts, news readers, calendars, maps. Made from the board, never from the database."""
