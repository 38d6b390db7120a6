"""Practice servers and a sample connector, for the demo, the tests and authors of plug-ins."""
