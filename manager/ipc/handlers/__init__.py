"""One module a method group of the socket protocol."""
