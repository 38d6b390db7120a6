"""Composition root of the window and the tray: a client of the agent; holds no token and no key."""
