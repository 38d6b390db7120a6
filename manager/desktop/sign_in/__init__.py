"""The sign-in sheet: address, browser, done; never a dead end."""
