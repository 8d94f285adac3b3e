pytest_plugins = ["tests.databases", "tests.live_worlds", "tests.browser_desk", "tests.spreading"]
