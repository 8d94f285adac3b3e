"""REST, a file for each kind of thing; outages.endpoints puts them together."""
