"""Words into speech: catalogue, Turkish speech grammar, engines, cache, telephone audio."""
