"""Calls to citizens through Asterisk: placed over ARI, reported by the dialplan, spoken in over the usual WebSocket."""
