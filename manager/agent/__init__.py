"""Composition root of the agent: the one process that holds secrets."""
