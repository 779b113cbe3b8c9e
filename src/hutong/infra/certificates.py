"""A small certificate authority of one's own, for programs that insist on hosts that are not ours.

It lives in a folder: ``authority.pem`` is what the programs' machines are told to trust, ``server.pem`` what a server
shows them; the keys lie beside them, for their owner alone. The authority can speak for those hosts and no others.
"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["AUTHORITY", "make_certificates", "tls_files"]

AUTHORITY = "authority.pem"
_AUTHORITY_KEY = "authority.key"
_SERVER = "server.pem"
_SERVER_KEY = "server.key"

_AUTHORITY_DAYS = 3_650
_SERVER_DAYS = 397
_EARLY = timedelta(hours=1)


def make_certificates(folder: Path, hosts: Sequence[str], now: datetime) -> bool:
    """A certificate for these hosts, signed by the folder's authority. The authority is made where there is none, or
    where it may not speak for all of them, and nobody trusts a new one yet: returns whether that is so."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = _read_authority(folder)
    is_new = found is None or not set(hosts) <= set(_hosts_of(found[0])) or found[0].not_valid_after_utc <= now
    authority, key = _make_authority(folder, hosts, now) if found is None or is_new else found
    server_key = generate_private_key(SECP256R1())
    server = (
        x509.CertificateBuilder()
        .subject_name(_named(hosts[0]))
        .issuer_name(authority.subject)
        .public_key(server_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(min(now + timedelta(days=_SERVER_DAYS), authority.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(server_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / _SERVER_KEY, _private(server_key))
    _write(folder / _SERVER, server.public_bytes(Encoding.PEM), mode=0o644)
    return is_new


def tls_files(folder: Path) -> dict[str, Path] | None:
    """The files that a server needs to show the certificate of a folder, as uvicorn names them; None where there is
    none."""
    if not (folder / _SERVER).exists() or not (folder / _SERVER_KEY).exists():
        return None
    return {"ssl_certfile": folder / _SERVER, "ssl_keyfile": folder / _SERVER_KEY}


def _read_authority(folder: Path) -> tuple[x509.Certificate, EllipticCurvePrivateKey] | None:
    if not (folder / AUTHORITY).exists() or not (folder / _AUTHORITY_KEY).exists():
        return None
    key = load_pem_private_key((folder / _AUTHORITY_KEY).read_bytes(), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        return None
    return x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes()), key


def _make_authority(
    folder: Path, hosts: Sequence[str], now: datetime
) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    key = generate_private_key(SECP256R1())
    name = _named("hutong, for bots")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    authority = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + timedelta(days=_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints([x509.DNSName(host) for host in hosts], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / _AUTHORITY_KEY, _private(key))
    _write(folder / AUTHORITY, authority.public_bytes(Encoding.PEM), mode=0o644)
    return authority, key


def _hosts_of(authority: x509.Certificate) -> list[str]:
    found = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    return [name.value for name in found.permitted_subtrees or [] if isinstance(name, x509.DNSName)]


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _private(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Whole or not at all, and never readable for others in between."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
