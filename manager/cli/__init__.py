"""The command line: a client of the agent, one module a command."""
