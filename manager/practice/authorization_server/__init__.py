"""An OAuth 2 and OpenID Connect server to practise with, and to try the manager against."""

from .client_registry import ACCOUNT_MANAGER, CONFIDENTIAL, Client
from .server import AuthorizationServer

__all__ = ["ACCOUNT_MANAGER", "CONFIDENTIAL", "AuthorizationServer", "Client"]
