"""FastAGI for Asterisk 16 and newer."""
