"""The operators' pages: board, outages, broadcasts, phone pages, live wall, people."""
