"""Who is at the other end of a local socket, as the operating system says."""
