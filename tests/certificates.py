"""A certificate authority of our own, a server's certificate of it, and an authority that signed nothing."""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def write(folder, *names, address="127.0.0.1"):
    """Write ca.pem, server.pem, server.key (for the names, and the address) and other.pem into a folder."""
    authority, root = _authority("Test authority")
    key = ec.generate_private_key(ec.SECP256R1())
    known = [*map(x509.DNSName, names), x509.IPAddress(ipaddress.ip_address(address))]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    server = _certificate(
        names[0], "Test authority", key, authority, (x509.SubjectAlternativeName(known), False), (issuer, False)
    )
    (folder / "ca.pem").write_bytes(_pem(root))
    (folder / "server.pem").write_bytes(_pem(server))
    (folder / "other.pem").write_bytes(_pem(_authority("Another authority")[1]))
    (folder / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


def _named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, issuer, key, signer, *extensions):
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def _authority(name):
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return key, _certificate(name, name, key, key, (constraints, True), (usage, True), (identifier, False))


def _pem(*certificates):
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)
