"""Where hutong listens: its one port, and where an operator wants it, a second one with TLS for bots whose programs
insist on other hosts."""

import socket
from pathlib import Path

from hutong.infra.certificates import tls_files
from hutong.kit.errors import Conflict
from hutong.settings import Settings

__all__ = ["bind", "bind_tls", "certificates_in", "check_tls"]


class AddressTaken(Conflict):
    """Somebody else listens there."""

    code = "cli.address_taken"
    text = "Cannot listen on {host}, port {port}: {reason}. Choose another with --host and --port."


class NoCertificate(Conflict):
    """There is a port for TLS and nothing to show there."""

    code = "cli.no_certificate"
    text = "HUTONG_BRIDGE_TLS_PORT is set and there is no certificate. Run hutong bridge certificate first."


def certificates_in(settings: Settings) -> Path:
    """The folder of the certificate for the hosts of other systems."""
    return settings.data / "certificates"


def check_tls(settings: Settings) -> None:
    """Raises ``NoCertificate`` or ``AddressTaken`` where ``bind_tls`` could not do what the settings say, so that this
    is told before anything is started."""
    if settings.bridge_tls_port:
        bind_tls(settings).close()


def bind_tls(settings: Settings) -> socket.socket:
    """Takes the port for TLS. Several processes of one hutong may each have it."""
    if tls_files(certificates_in(settings)) is None:
        raise NoCertificate
    return bind(settings.host, settings.bridge_tls_port, is_shared=True)


def bind(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """Takes an address at once, so that one that is taken is told before anything is started. Raises
    ``AddressTaken``."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
    except OSError as error:
        raise AddressTaken(host=host, port=port, reason=error.strerror or str(error)) from error
    listening.setblocking(False)
    return listening
