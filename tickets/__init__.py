"""Geri Dönüş: reports and their numbers."""
