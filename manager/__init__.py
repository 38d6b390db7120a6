"""Account Manager: one sign-in per account, and valid tokens for every desktop program."""

__version__ = "0.1.0"
