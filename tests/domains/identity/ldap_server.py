"""A small LDAP server as a process of its own: ``python ldap_server.py <ldif> <certificate with key> <ldaps|ldap>``.

Says its port on its first line, and ends when its standard input does.
"""

import sys
from typing import Any

from ldaptor.inmemory import fromLDIFFile
from ldaptor.interfaces import IConnectedLDAPEntry
from ldaptor.protocols.ldap.ldapserver import LDAPServer
from ldaptor.protocols.pureldap import LDAPStartTLSRequest, LDAPStartTLSResponse
from twisted.internet import reactor as any_reactor
from twisted.internet import ssl, stdio
from twisted.internet.protocol import Protocol, ServerFactory
from twisted.python.components import registerAdapter

reactor: Any = any_reactor


class Server(LDAPServer):
    """Begins TLS where it is asked to."""

    def extendedRequest_StartTLS(self, _: Any, reply: Any) -> None:  # noqa: N802 - ldaptor looks for such names
        reply(LDAPStartTLSResponse(resultCode=0))
        self.transport.startTLS(self.factory.options)

    extendedRequest_StartTLS.oid = LDAPStartTLSRequest.oid  # type: ignore[attr-defined]  # As ldaptor wants it.


class Trees(ServerFactory):
    """Everybody who connects sees the same tree."""

    def __init__(self, root: Any, options: Any) -> None:
        self.root = root
        self.options = options

    def buildProtocol(self, address: Any) -> Server:  # noqa: N802 - Twisted calls it so
        server = Server()
        server.factory = self
        return server


class UntilNobodyListens(Protocol):
    """Ends with standard input."""

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - as above
        reactor.stop()


def main(ldif: str, certificate: str, scheme: str) -> None:
    with open(ldif, "rb") as file:
        opening = fromLDIFFile(file)
    registerAdapter(lambda tree: tree.root, Trees, IConnectedLDAPEntry)
    options = ssl.DefaultOpenSSLContextFactory(certificate, certificate)

    def serve(root: Any) -> None:
        factory = Trees(root, options)
        if scheme == "ldaps":
            port = reactor.listenSSL(0, factory, options, interface="127.0.0.1")
        else:
            port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        sys.stdout.write(f"{port.getHost().port}\n")
        sys.stdout.flush()

    opening.addCallback(serve)
    stdio.StandardIO(UntilNobodyListens())
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
