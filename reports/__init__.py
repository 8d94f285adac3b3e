"""Figures for the departments: by day, week and month, each of which can be opened to the rows behind it."""
