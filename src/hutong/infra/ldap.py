"""An LDAP server, asked whether somebody is who they say: looked for first, then bound as, in a thread.

With TLS unless the operator has said otherwise: ``ldaps://``, or ``ldap://`` with StartTLS before anything is said.
"""

import asyncio
import ssl
from urllib.parse import urlsplit

import structlog
from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from hutong.settings import SignInLdap, secret_of

from .openid import Proof, ProviderAway

__all__ = ["LdapServer"]

log = structlog.get_logger()

_CONNECT_TIMEOUT_S = 5
_ANSWER_TIMEOUT_S = 10
_AT_ONCE_MAX = 8
_LOGIN_CHARS_MAX = 200


class LdapServer:
    """One LDAP server. So many people are asked about at the same time; the others wait."""

    def __init__(self, settings: SignInLdap) -> None:
        self.settings = settings
        self._turns = asyncio.Semaphore(_AT_ONCE_MAX)

    async def ask(self, login: str, password: str) -> Proof | None:
        """Who has this login and this password there; None where nobody has both. Raises ``ProviderAway``."""
        # An LDAP server takes an empty password for somebody who wants to be nobody, and says yes.
        if not login or not password or len(login) > _LOGIN_CHARS_MAX or "\0" in login + password:
            return None
        async with self._turns:
            try:
                return await asyncio.to_thread(self._look_up, login, password)
            except (LDAPException, OSError) as error:
                raise ProviderAway(f"{self.settings.url}: {error!r}") from error

    def _look_up(self, login: str, password: str) -> Proof | None:
        settings = self.settings
        connection = self._connect(settings.bind_dn, secret_of(settings))
        if connection is None:
            raise ProviderAway(f"{settings.url} does not take {settings.bind_dn or 'nobody'} and the secret")
        with connection:
            wanted = [settings.subject, settings.nickname, settings.email]
            wish = settings.filter.replace("{login}", escape_filter_chars(login))
            connection.search(settings.base, wish, search_scope=SUBTREE, attributes=wanted, size_limit=2)
            found = [one for one in connection.response or () if one.get("type") == "searchResEntry"]
        if len(found) != 1:
            return None
        proof = _proof(found[0]["raw_attributes"], settings)
        if proof is None:
            log.warning("ldap.no_subject", attribute=settings.subject, dn=found[0]["dn"])
            return None
        theirs = self._connect(found[0]["dn"], password)
        if theirs is None:
            return None
        theirs.unbind()
        return proof

    def _connect(self, dn: str, password: str) -> Connection | None:
        """A connection that is bound as somebody; None where the server does not take them."""
        settings = self.settings
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=settings.ca_file or None)
        is_tls = urlsplit(settings.url).scheme == "ldaps"
        server = Server(settings.url, use_ssl=is_tls, tls=tls, get_info=NONE, connect_timeout=_CONNECT_TIMEOUT_S)
        connection = Connection(
            server, user=dn or None, password=password or None, read_only=True, receive_timeout=_ANSWER_TIMEOUT_S
        )
        connection.open()
        if not is_tls and not settings.plain_text:
            connection.start_tls()
        if connection.bind():
            return connection
        connection.unbind()
        return None


def _proof(attributes: dict[str, list[bytes]], settings: SignInLdap) -> Proof | None:
    known = {name.lower(): values for name, values in attributes.items()}

    def first(name: str) -> bytes:
        return next(iter(known.get(name.lower()) or ()), b"")

    subject = first(settings.subject)
    if not subject:
        return None
    return Proof(
        subject=_as_text(subject),
        nickname=_as_text(first(settings.nickname)),
        email=_as_text(first(settings.email)),
        email_verified=True,
    )


def _as_text(value: bytes) -> str:
    """What is no text (Active Directory's ``objectGUID``) in hexadecimal digits."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
