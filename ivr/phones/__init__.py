"""Phones in browsers: accounts in Asterisk that live as long as a tab, and the WebSocket between the two."""
