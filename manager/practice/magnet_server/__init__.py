"""A stand-in for a Magnet AI server in each of its three dialects, to try the manager against."""

from .faults import MagnetFaults
from .server import DIALECTS, MagnetServer

__all__ = ["DIALECTS", "MagnetFaults", "MagnetServer"]
