"""What every page is made of: templates, texts in Turkish and English, style, scripts, headers. Knows no water."""
