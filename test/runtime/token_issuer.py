"""Plays Google and an OpenID provider: real signatures, real checks of what it is asked with, short-lived tokens."""

from __future__ import annotations

import base64
import itertools
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt
from http_server import Answer, HttpServer, Request

ACCOUNT = "runner@project.iam.gserviceaccount.com"
CLIENT_ID = "kedro"
SUBJECT_TOKEN = "a-token-from-another-cloud"
ACCESS_TOKEN = "an-access-token-of-the-source"
GOOGLES_TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token"  # the audience of an assertion, wherever it is sent
IMPERSONATION_PATH = f"/v1/projects/-/serviceAccounts/{ACCOUNT}"
METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/identity"


class KeyPair:
    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.signer = crypt.RSASigner.from_string(self.private)


class TokenIssuer(HttpServer):
    def __init__(self, client_secret: str) -> None:
        super().__init__(self._respond)
        self.keys = KeyPair()  # of the issuer
        self.account_keys = KeyPair()  # of the service account
        self.client_secret = client_secret
        self.lifetime = 3600.0
        self.asked: list[str] = []
        """The path of each request for a token, in their order."""
        self.failing = 0
        """How many of the next requests are answered 503."""
        self.issuer_path = "/realms/ml"
        self.auth_methods = ["client_secret_basic", "client_secret_post"]
        self._numbers = itertools.count()

    @property
    def issuer(self) -> str:
        return self.url + self.issuer_path

    def service_account_file(self, path: Path, **changes: Any) -> Path:
        info = {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "1",
            "private_key": self.account_keys.private,
            "client_email": ACCOUNT,
            "token_uri": f"{self.url}/token",
        }
        path.write_text(json.dumps({**info, **changes}))
        return path

    def federation_file(self, path: Path, **changes: Any) -> Path:
        subject = path.with_suffix(".subject")
        subject.write_text(SUBJECT_TOKEN)
        info = {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/sts",
            "credential_source": {"file": str(subject)},
            "service_account_impersonation_url": f"{self.url}{IMPERSONATION_PATH}:generateAccessToken",
        }
        path.write_text(json.dumps({**info, **changes}))
        return path

    def impersonation_file(self, path: Path, source: dict[str, Any] | None = None) -> Path:
        info = {
            "type": "impersonated_service_account",
            "service_account_impersonation_url": f"{self.url}{IMPERSONATION_PATH}:generateAccessToken",
            "delegates": [],
            "source_credentials": source or json.loads(self.service_account_file(path).read_text()),
        }
        path.write_text(json.dumps(info))
        return path

    def token(self, audience: str, lifetime: float | None = None, keys: KeyPair | None = None) -> str:
        # the clock of the proxy is whole seconds, so tokens live from the next one
        now = time.time()
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "email": ACCOUNT,
            "iat": int(now),
            "exp": int(now + (self.lifetime if lifetime is None else lifetime)),
            "jti": next(self._numbers),
        }
        return jwt.encode((keys or self.keys).signer, claims).decode()

    def _respond(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        self.asked.append(path)
        if self.failing > 0:
            self.failing -= 1
            return Answer(503, b"<html>try later</html>")
        form = {key: values[0] for key, values in parse_qs(request.body.decode("latin-1")).items()}
        if path == "/token":
            return self._by_assertion(form)
        if path == METADATA_PATH:
            return self._from_metadata(request)
        if path == "/subject":
            return Answer(200, SUBJECT_TOKEN.encode())
        if path == "/sts":
            return self._access_token(form.get("subject_token") == SUBJECT_TOKEN)
        if path == f"{IMPERSONATION_PATH}:generateIdToken":
            return self._impersonated(request)
        if path == f"{self.issuer_path}/.well-known/openid-configuration":
            document = {"issuer": self.issuer, "token_endpoint": f"{self.issuer}/token"}
            return Answer.json(200, {**document, "token_endpoint_auth_methods_supported": self.auth_methods})
        if path == f"{self.issuer_path}/token":
            return self._client_credentials(request, form)
        return Answer(404)

    def _by_assertion(self, form: dict[str, str]) -> Answer:
        try:
            claims = jwt.decode(form["assertion"], certs=self.account_keys.public, audience=GOOGLES_TOKEN_ENDPOINT)
        except (ValueError, KeyError) as error:
            return Answer.json(400, {"error": "invalid_grant", "error_description": f"Invalid JWT: {type(error)}"})
        if "target_audience" not in claims:
            return self._access_token(is_known=True)
        return Answer.json(200, {"id_token": self.token(claims["target_audience"])})

    def _from_metadata(self, request: Request) -> Answer:
        if request.headers.get("Metadata-Flavor") != "Google":
            return Answer(403)
        audience = parse_qs(urlsplit(request.path).query)["audience"][0]
        return Answer(200, self.token(audience).encode(), {"Metadata-Flavor": "Google"})

    def _access_token(self, is_known: bool) -> Answer:
        if not is_known:
            return Answer.json(400, {"error": "invalid_grant", "error_description": "not known here"})
        return Answer.json(
            200,
            {
                "access_token": ACCESS_TOKEN,
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "Bearer",
                "expires_in": 3600,
            },
        )

    def _impersonated(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            error = {"code": 403, "status": "PERMISSION_DENIED", "message": "iam.serviceAccounts.getOpenIdToken denied"}
            return Answer.json(403, {"error": error})
        return Answer.json(200, {"token": self.token(json.loads(request.body)["audience"])})

    def _client_credentials(self, request: Request, form: dict[str, str]) -> Answer:
        given = (form.get("client_id"), form.get("client_secret"))
        basic = request.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            given = (unquote_plus(name), unquote_plus(secret))
        if given != (CLIENT_ID, self.client_secret) or form.get("grant_type") != "client_credentials":
            return Answer.json(401, {"error": "invalid_client", "error_description": "Invalid client credentials"})
        token = self.token(form.get("audience") or "account")
        return Answer.json(200, {"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"})
