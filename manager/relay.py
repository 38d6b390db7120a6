"""The role that the operating system starts when a browser follows our URI scheme."""
