"""Real parts for tests: a session of its own, with keychain, display, tray, browser, server."""
