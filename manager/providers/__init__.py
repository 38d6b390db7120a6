"""Kinds of server: each provider speaks one dialect of signing in."""
