"""ARI over one WebSocket for each call."""
