"""Where accounts are kept: the keychain, sealed records, settings."""
