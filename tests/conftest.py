pytest_plugins = ["tests.databases", "tests.live_worlds", "tests.spreading"]
