pytest_plugins = ["tests.databases", "tests.live_worlds", "tests.alert_schemas"]
