"""Districts, neighbourhoods, outages, their life and their publication."""
