"""Logs in with Microsoft's client for Python. Prints what it was given, or how it was refused, as one JSON object.

usage: entra-client.py AUTHORITY TENANT CERTIFICATE_AND_KEY_FILE; HTTPS is checked by REQUESTS_CA_BUNDLE
"""
import base64
import json
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential, ManagedIdentityCredential

AUTHORITY, TENANT, CERTIFICATE = sys.argv[1:]
SCOPE = "https://storage.azure.com/.default"
# Otherwise login.microsoftonline.com would be asked about the authority.
OPTIONS = {"authority": AUTHORITY, "instance_discovery": False, "retry_total": 0}


def given(credential):
    """Whom the token is for, or the number of the refusal."""
    try:
        token = credential.get_token(SCOPE).token
    except ClientAuthenticationError as error:
        return next((word.strip(":,.'") for word in str(error).split() if word.startswith("AADSTS")), str(error))
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return [claims["aud"], claims["appid"]]


def certificate(client, **options):
    return CertificateCredential(TENANT, client, CERTIFICATE, **{**OPTIONS, **options})


print(
    json.dumps(
        {
            "secret": given(ClientSecretCredential(TENANT, "application", "a secret", **OPTIONS)),
            "wrong secret": given(ClientSecretCredential(TENANT, "application", "wrong", **OPTIONS)),
            "unknown": given(ClientSecretCredential(TENANT, "nobody", "a secret", **OPTIONS)),
            "certificate": given(certificate("with-certificate")),
            "without chain": given(certificate("with-chain")),
            "chain": given(certificate("with-chain", send_certificate_chain=True)),
            "machine": given(ManagedIdentityCredential()),
            "assigned": given(ManagedIdentityCredential(client_id="client-2")),
        }
    )
)
