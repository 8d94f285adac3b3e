"""Out to the city: the public page and the open feeds."""
