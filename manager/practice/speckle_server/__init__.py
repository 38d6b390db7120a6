"""A stand-in for a Speckle server to practise with, and to try the manager against."""

from .applications import Application
from .server import SpeckleServer

__all__ = ["Application", "SpeckleServer"]
