"""Coming in with a login and a password of an LDAP server: a real one, over real connections."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hutong.api import House, create_app
from hutong.domains import identity
from hutong.settings import SignInLdap
from tests.cast import PASSWORD, Cast, visitor

SERVER = Path(__file__).parent / "ldap_server.py"
SECRET = "what the operator has set"
DORA = "thirty copper kettles"

TREE = f"""\
dn: dc=library,dc=example
objectClass: dcObject
dc: library

dn: ou=people,dc=library,dc=example
objectClass: organizationalUnit
ou: people

dn: cn=hutong,dc=library,dc=example
objectClass: applicationProcess
cn: hutong
userPassword: {SECRET}

dn: uid=dora,ou=people,dc=library,dc=example
objectClass: person
uid: dora
cn: Dora the Reader
mail: dora@library.example
entryUUID: 5f3e1c1e-0000-4000-8000-000000000001
userPassword: {DORA}

dn: uid=twin,ou=people,dc=library,dc=example
objectClass: person
uid: twin
cn: Twin
entryUUID: 5f3e1c1e-0000-4000-8000-000000000002
userPassword: {DORA}

dn: cn=twin,ou=people,dc=library,dc=example
objectClass: person
uid: twin
cn: twin
entryUUID: 5f3e1c1e-0000-4000-8000-000000000003
userPassword: {DORA}

dn: uid=nameless,ou=people,dc=library,dc=example
objectClass: person
uid: nameless
cn: Nameless
userPassword: {DORA}

"""

StartLdap = Callable[[str], Awaitable[SignInLdap]]


def write_certificate(path: Path) -> None:
    """For ``localhost``, with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    unencrypted = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
async def start_ldap(tmp_path: Path) -> AsyncGenerator[StartLdap]:
    """Starts an LDAP server that speaks ``ldaps`` or ``ldap``; returns how it is set here."""
    ldif, certificate, secret = tmp_path / "tree.ldif", tmp_path / "certificate.pem", tmp_path / "secret"
    ldif.write_text(TREE)
    secret.write_text(f"{SECRET}\n")
    write_certificate(certificate)
    running: list[asyncio.subprocess.Process] = []

    async def start(scheme: str) -> SignInLdap:
        words = [str(SERVER), str(ldif), str(certificate), scheme]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe, stdout=pipe)
        running.append(process)
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        return SignInLdap(
            name="The library",
            url=f"{scheme}://localhost:{port}",
            base="ou=people,dc=library,dc=example",
            bind_dn="cn=hutong,dc=library,dc=example",
            secret_file=str(secret),
            ca_file=str(certificate),
        )

    yield start
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def browser_at(house: House, ldap: SignInLdap, **changed: str) -> httpx.AsyncClient:
    """A visitor of a hutong with this LDAP server."""
    settings = msgspec.structs.replace(house.settings, sign_in_ldap=ldap, **changed)
    return visitor(create_app(replace(house, settings=settings)))


async def sign_in(browser: httpx.AsyncClient, login: str, password: str, **more: str) -> httpx.Response:
    return await browser.post("/api/v1/sessions", json={"login": login, "password": password, **more})


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
async def test_who_is_in_the_ldap_tree_comes_in_as_the_same_each_time(
    house: House, start_ldap: StartLdap, scheme: str
) -> None:
    """``ldap`` begins TLS before anything is said."""
    async with browser_at(house, await start_ldap(scheme)) as browser:
        assert (await browser.get("/api/v1/site")).json()["ldap"] == "The library"
        first = (await sign_in(browser, "dora", DORA)).raise_for_status().json()["account"]
        assert (first["nickname"], first["email"], first["has_password"]) == (
            "Dora the Reader",
            "dora@library.example",
            False,
        )
        second = (await sign_in(browser, "dora", DORA)).raise_for_status().json()["account"]
        assert second["number"] == first["number"]
        found = (await browser.get("/api/v1/accounts/me/outside")).json()
        assert [(one["provider"], one["label"]) for one in found["items"]] == [("ldap", "dora@library.example")]
        browser.headers["x-csrf-token"] = browser.cookies["hutong_csrf"]
        last = await browser.delete("/api/v1/accounts/me/outside/ldap")
        assert (last.status_code, last.json()["code"]) == (409, "identity.last_way_in")


async def test_who_is_not_or_not_surely_or_with_another_password_does_not(house: House, start_ldap: StartLdap) -> None:
    async with browser_at(house, await start_ldap("ldaps")) as browser:
        for login, password in (
            ("dora", "wrong"),
            ("dora", ""),
            ("nobody", DORA),
            ("twin", DORA),
            ("nameless", DORA),
            ("*", DORA),
            ("d*", DORA),
            ("dora)(uid=*", DORA),
        ):
            answer = await sign_in(browser, login, password)
            assert (answer.status_code, answer.json()["code"]) == (401, "identity.sign_in_refused"), login


async def test_who_has_an_account_here_is_not_asked_for_there(house: House, cast: Cast, start_ldap: StartLdap) -> None:
    ldap = msgspec.structs.replace(await start_ldap("ldaps"), url="ldaps://localhost:1")
    async with browser_at(house, ldap) as browser:
        account = (await sign_in(browser, "alice", PASSWORD)).raise_for_status().json()["account"]
        assert account["number"] == cast.alice.number
        away = await sign_in(browser, "alice", "wrong password")
        assert (away.status_code, away.json()["code"]) == (503, "identity.outside_away")


async def test_an_ldap_server_that_is_not_the_one_is_told_nothing(house: House, start_ldap: StartLdap) -> None:
    right = await start_ldap("ldaps")
    for changed in (
        {"ca_file": ""},
        {"url": right.url.replace("localhost", "127.0.0.1")},
        {"secret_file": "", "secret": "wrong"},
        {"url": right.url.replace("ldaps", "ldap")},
    ):
        async with browser_at(house, msgspec.structs.replace(right, **changed)) as browser:
            answer = await sign_in(browser, "dora", DORA)
            assert (answer.status_code, answer.json()["code"]) == (503, "identity.outside_away"), changed


async def test_the_gate_and_the_second_factor_hold(house: House, start_ldap: StartLdap) -> None:
    ldap = await start_ldap("ldaps")
    async with house.database.transaction() as session:
        code = await identity.invite(session, clock=house.clock)
    async with browser_at(house, ldap, sign_up="invitation") as browser:
        answer = await sign_in(browser, "dora", DORA)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.invitation_needed")
        number = (await sign_in(browser, "dora", DORA, invitation=code)).raise_for_status().json()["account"]["number"]
    async with house.database.transaction() as session:
        await identity.set_password(session, number, PASSWORD, settings=house.settings)
    async with browser_at(house, ldap) as browser:
        (await sign_in(browser, str(number), PASSWORD)).raise_for_status()
        browser.headers["x-csrf-token"] = browser.cookies["hutong_csrf"]
        here = "/api/v1/accounts/me/second-factor"
        secret = (await browser.post(here, json={"password": PASSWORD})).raise_for_status().json()["secret"]
        totp = pyotp.TOTP(secret)
        (await browser.put(here, json={"code": totp.at(house.clock())})).raise_for_status()
        assert (await sign_in(browser, "dora", DORA)).json()["code"] == "identity.second_factor_needed"
        later = totp.at(house.clock() + timedelta(seconds=30))
        assert (await sign_in(browser, "dora", DORA, code=later)).status_code == 201
