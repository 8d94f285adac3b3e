pytest_plugins = [
    "tests.databases",
    "tests.calling_world",
    "tests.live_worlds",
    "tests.alert_schemas",
    "tests.browser_desk",
    "tests.quick_passwords",
    "tests.spreading",
]
