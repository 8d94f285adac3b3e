"""One person over all rooms: every contact on one time line, all that is held about them, and forgetting it."""
