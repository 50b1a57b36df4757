"""A self-signed certificate for phones on the same network: their cameras and service workers need https."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=365)
RENEW_BEFORE = datetime.timedelta(days=14)


@dataclass(frozen=True)
class Certificate:
    """Where the certificate and its key are kept."""

    certificate: Path
    key: Path


def certificate_for(addresses: list[str], folder: Path) -> Certificate:
    """The certificate for these IP addresses, kept in `folder`; renewed when they changed or it ends soon."""
    kept = Certificate(folder / "lan-certificate.pem", folder / "lan-key.pem")
    if not _still_good(kept, addresses):
        _make(kept, addresses)
    return kept


def _still_good(kept: Certificate, addresses: list[str]) -> bool:
    if not (kept.certificate.exists() and kept.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(kept.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return set(addresses) <= covered and certificate.not_valid_after_utc - RENEW_BEFORE > _now()


def _make(kept: Certificate, addresses: list[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lectern on this network")])
    covered = [ipaddress.ip_address(address) for address in dict.fromkeys([*addresses, "127.0.0.1"])]
    names = [x509.DNSName("localhost"), *(x509.IPAddress(address) for address in covered)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - datetime.timedelta(hours=1))
        .not_valid_after(_now() + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_secret(kept.key, secret)
    kept.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
