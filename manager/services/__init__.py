"""Use cases: what the program does, written against the ports of core."""
