"""Passkeys (WebAuthn): what browsers are asked for, and whether what they bring is good.

A passkey signs in by itself, so the device must have verified its person (a finger, a face, a PIN). The user handle
that it stores is the account's number.
"""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .errors import PasskeyRefused

__all__ = [
    "CHALLENGE_S",
    "Registered",
    "RelyingParty",
    "challenge_in",
    "check_assertion",
    "check_registration",
    "creation_options",
    "holder_in",
    "relying_party",
    "request_options",
]

CHALLENGE_S = 300

_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
"""What the library raises for a credential that is not what it should be."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site as browsers know it: its host name, and the origin of its pages."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A passkey that was checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def relying_party(*, public_url: str, host: str, is_https: bool, name: str) -> RelyingParty:
    """The public address where one is set, else the host that was asked for."""
    origin = public_url or f"{'https' if is_https else 'http'}://{host}"
    parts = urlsplit(origin)
    return RelyingParty(id=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}", name=name)


def creation_options(
    party: RelyingParty, *, number: int, nickname: str, login: str, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is given, as JSON; devices that hold one of ``known`` decline."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=number.to_bytes(8, "big"),
        user_name=login,
        user_display_name=nickname,
        challenge=challenge,
        timeout=CHALLENGE_S * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, *, challenge: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is given, as JSON; the person chooses among the passkeys of the device."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=CHALLENGE_S * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


class _Response(msgspec.Struct):
    clientDataJSON: str  # noqa: N815 - the name in the standard
    userHandle: str | None = None  # noqa: N815 - the name in the standard


class _Credential(msgspec.Struct):
    response: _Response


class _ClientData(msgspec.Struct):
    challenge: str


def challenge_in(credential: dict[str, Any]) -> bytes:
    """The challenge that the credential says it answers. Raises ``PasskeyRefused``."""
    try:
        response = msgspec.convert(credential, _Credential).response
        return _bytes_of(msgspec.json.decode(_bytes_of(response.clientDataJSON), type=_ClientData).challenge)
    except (msgspec.MsgspecError, ValueError) as error:
        _refuse(error)


def holder_in(credential: dict[str, Any]) -> tuple[int, bytes]:
    """The account's number and the credential's id, as the credential gives them. Raises ``PasskeyRefused``."""
    try:
        handle = _bytes_of(msgspec.convert(credential, _Credential).response.userHandle or "")
        credential_id = _bytes_of(str(credential.get("rawId", "")))
    except (msgspec.MsgspecError, ValueError) as error:
        _refuse(error)
    if len(handle) != 8 or handle[0] > 0x7F:
        raise PasskeyRefused(log="the user handle is none of ours")
    return int.from_bytes(handle, "big"), credential_id


def check_registration(party: RelyingParty, credential: dict[str, Any], challenge: bytes) -> Registered:
    """What is kept of a new passkey. Raises ``PasskeyRefused``."""
    try:
        checked = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        # A key that cannot be used would only be noticed when somebody wants to sign in with it.
        decoded_public_key_to_cryptography(decode_credential_public_key(checked.credential_public_key))
    except _MALFORMED as error:
        _refuse(error)
    return Registered(checked.credential_id, checked.credential_public_key, checked.sign_count)


def check_assertion(
    party: RelyingParty, credential: dict[str, Any], challenge: bytes, *, public_key: bytes, sign_count: int
) -> int:
    """The new count of signatures, if the passkey has signed the challenge. Raises ``PasskeyRefused``."""
    try:
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        ).new_sign_count
    except _MALFORMED as error:
        _refuse(error)


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refuse(error: Exception) -> NoReturn:
    raise PasskeyRefused(log=f"{type(error).__name__}: {error}") from error
