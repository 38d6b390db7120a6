"""A stand-in for a Mesh backend and the Auth0 tenant beside it, to try the manager against."""

from .faults import MeshFaults
from .server import MeshServer

__all__ = ["MeshFaults", "MeshServer"]
