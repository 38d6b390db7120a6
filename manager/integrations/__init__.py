"""What other Python programs import to get tokens into the libraries that they already use."""
