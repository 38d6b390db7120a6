"""Speckle servers: a dialect of OAuth of their own, without state, expiry or rotation."""

from .provider import SpeckleProvider

__all__ = ["SpeckleProvider"]
