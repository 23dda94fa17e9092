"""A passkey and an authenticator app made of software, for tests: they answer as a browser and a telephone would."""

import hashlib
import json
import os

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class SoftKey:
    """A key that belongs to a site, like "localhost"."""

    def __init__(self, site="localhost", origin="http://localhost"):
        self.site, self.origin, self.id = site, origin, os.urandom(16)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.user_handle = b""

    def _data(self, attested=None):
        flags = FLAGS | AuthenticatorData.FLAG.AT if attested else FLAGS
        return AuthenticatorData.create(hashlib.sha256(self.site.encode()).digest(), flags, 1, attested or b"")

    def _said(self, kind, challenge):
        return CollectedClientData.create(kind, challenge, self.origin)

    def created(self, options):
        """What a browser sends for a new credential, as JSON."""
        asked = options["publicKey"]
        self.user_handle = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.private.public_key())
        attested = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        statement = AttestationObject.create("none", self._data(attested), {})
        said = self._said("webauthn.create", websafe_decode(asked["challenge"]))
        response = {"clientDataJSON": websafe_encode(said), "attestationObject": websafe_encode(bytes(statement))}
        return self._credential(response)

    def shown(self, options):
        """What a browser sends to prove that the key is there, as JSON."""
        said = self._said("webauthn.get", websafe_decode(options["publicKey"]["challenge"]))
        data = self._data()
        signature = self.private.sign(bytes(data) + said.hash, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": websafe_encode(said),
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user_handle),
            }
        )

    def _credential(self, response):
        number = websafe_encode(self.id)
        credential = {"id": number, "rawId": number, "type": "public-key", "response": response}
        return json.dumps(credential | {"clientExtensionResults": {"credProps": {"rk": True}}})


def add_passkey(user, key=None, name="My telephone"):
    """A row as if this key had been added to the account; recovery codes come with it."""
    key = key or SoftKey()
    handle = websafe_encode(str(user.pk).encode())
    options = {"publicKey": {"user": {"id": handle}, "challenge": websafe_encode(os.urandom(16))}}
    RecoveryCodes.activate(user)
    return WebAuthn.add(user, name, json.loads(key.created(options))).instance


def add_app(user):
    """The secret of an authenticator app, as if it had been set up; recovery codes come with it."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_now(secret, *, later=0):
    """What the app shows now, or `later` steps of 30 seconds on."""
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30 + later))


def recovery_codes_of(user):
    return Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
