"""Certificates for hosts that programs insist on."""

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from hutong.infra.certificates import AUTHORITY, make_certificates, tls_files

HOSTS = ["api.example.org", "bots.example.org"]
NOW = datetime.now(UTC)


def test_who_trusts_the_authority_trusts_the_hosts(tmp_path: Path) -> None:
    assert make_certificates(tmp_path, HOSTS, NOW)

    assert [greeted(tmp_path, host) for host in HOSTS] == ["TLS", "TLS"]
    assert "Hostname mismatch" in greeted(tmp_path, "www.example.org")


def test_the_authority_may_speak_for_no_other_host(tmp_path: Path) -> None:
    make_certificates(tmp_path / "ours", HOSTS, NOW)
    constraints = x509.load_pem_x509_certificate((tmp_path / "ours" / AUTHORITY).read_bytes()).extensions

    names = constraints.get_extension_for_class(x509.NameConstraints)
    assert names.critical
    assert [name.value for name in names.value.permitted_subtrees or []] == HOSTS


def test_a_new_certificate_is_of_the_same_authority(tmp_path: Path) -> None:
    make_certificates(tmp_path, HOSTS, NOW)
    authority, server = (tmp_path / AUTHORITY).read_bytes(), (tmp_path / "server.pem").read_bytes()

    assert not make_certificates(tmp_path, HOSTS[:1], NOW)
    assert (tmp_path / AUTHORITY).read_bytes() == authority
    assert (tmp_path / "server.pem").read_bytes() != server
    assert greeted(tmp_path, HOSTS[0]) == "TLS"


@pytest.mark.parametrize(("hosts", "days"), [([*HOSTS, "more.example.org"], 0), (HOSTS, 3_651)])
def test_an_authority_that_does_not_do_is_made_anew(tmp_path: Path, hosts: list[str], days: int) -> None:
    make_certificates(tmp_path, HOSTS, NOW)

    assert make_certificates(tmp_path, hosts, NOW + timedelta(days=days))


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    make_certificates(tmp_path, HOSTS, NOW)

    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.key")} == {
        "authority.key": 0o600,
        "server.key": 0o600,
    }


def test_an_empty_folder_has_nothing_to_show(tmp_path: Path) -> None:
    assert tls_files(tmp_path) is None


def greeted(folder: Path, host: str) -> str:
    """What a client that trusts the folder's authority is told by a server with its certificate, asked for ``host``."""
    files = tls_files(folder)
    assert files is not None
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(files["ssl_certfile"], files["ssl_keyfile"])
    asking = ssl.create_default_context(cafile=str(folder / AUTHORITY))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with serving.wrap_socket(theirs, server_side=True) as told:
                told.sendall(b"TLS")
        except ssl.SSLError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ours, asking.wrap_socket(ours, server_hostname=host) as client:
            return client.recv(3).decode()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    finally:
        thread.join()
