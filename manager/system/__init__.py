"""The operating system: folders, clock, browser, loopback ports, URI scheme, peer identity."""
