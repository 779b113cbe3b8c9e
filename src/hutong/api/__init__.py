"""The HTTP application: assembles the domains' routes, renders errors, describes itself, serves the web client."""

from .app import create_app, create_health_app, refurnish
from .house import House

__all__ = ["House", "create_app", "create_health_app", "refurnish"]
