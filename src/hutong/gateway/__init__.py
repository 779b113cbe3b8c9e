"""The WebSocket edge: connections, resume, presence and fan-out. It holds no business rule.

``Gateway`` is what a process knows of the people connected to it; ``socket_protocol`` is uvicorn's ``ws`` class, which
hands ``/socket`` to picows and leaves other paths to the application. docs/protocol/socket.md is the contract with
clients.
"""

from .accept import SOCKET_PATH, accept_with
from .edge import Gateway
from .handover import socket_protocol
from .measures import GatewayMeasures

__all__ = ["SOCKET_PATH", "Gateway", "GatewayMeasures", "accept_with", "socket_protocol"]
