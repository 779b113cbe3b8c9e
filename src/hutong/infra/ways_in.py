"""The ways from outside by which people sign in here, as the operator has set them."""

from hutong.settings import Settings

from .ldap import LdapServer
from .openid import OpenIdProvider

__all__ = ["WaysIn"]


class WaysIn:
    """Lives as long as the process and holds nothing open."""

    def __init__(self, settings: Settings) -> None:
        private_allowed = settings.private_addresses_allowed
        self.providers = {
            one.id: OpenIdProvider(one, private_allowed=private_allowed) for one in settings.sign_in_providers
        }
        self.ldap = LdapServer(settings.sign_in_ldap) if settings.sign_in_ldap else None
