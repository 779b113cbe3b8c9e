"""``hutong bridge``: what bots of other systems need beside an address and a token."""

from pathlib import Path

from cyclopts import App

from hutong.bridges import HOSTS
from hutong.infra.certificates import AUTHORITY, make_certificates
from hutong.kit.clock import system_clock

from .console import say, settings_from
from .listening import certificates_in

__all__ = ["bridge"]

bridge = App(name="bridge", help="Let bots come in whose programs insist on other hosts.")


@bridge.command
def certificate(*, data: Path | None = None) -> None:
    """Make a certificate for the hosts that such programs insist on.

    It is signed by an authority of this hutong's own, which can speak for these hosts alone, and which the machines of
    the bots must be told to trust. Run it again before the certificate expires; the authority stays.

    Parameters
    ----------
    data
        The data folder.
    """
    settings = settings_from(data)
    folder = certificates_in(settings)
    hosts = sorted(HOSTS)
    is_new = make_certificates(folder, hosts, system_clock())
    say(f"A certificate for {', '.join(hosts)} is in {folder}")
    if is_new:
        say(f"Give {folder / AUTHORITY} to the machines of the bots: docs/bots/qq.md says how")
    if not settings.bridge_tls_port:
        say("It is shown once HUTONG_BRIDGE_TLS_PORT is set, 443 where bots cannot name another port")
