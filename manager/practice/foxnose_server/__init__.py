"""A stand-in for FoxNose, its Management API and its Flux API, to try the manager against."""

from .faults import FoxNoseFaults
from .server import FoxNoseServer

__all__ = ["FoxNoseFaults", "FoxNoseServer"]
