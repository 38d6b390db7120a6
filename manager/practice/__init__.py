"""Servers, people and connectors to practise with: for `account-manager demo` and for tests."""
