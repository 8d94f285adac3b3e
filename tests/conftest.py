pytest_plugins = ["tests.databases", "tests.live_worlds"]
