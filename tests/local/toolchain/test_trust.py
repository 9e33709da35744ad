"""The Java from PyPI trusts the authorities that the machine trusts."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID

from local.toolchain import trust


def authority(name: str) -> bytes:
    """Return the certificate of an invented authority, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)


def settings(cafile: Path | None = None, capath: Path | None = None) -> ssl.DefaultVerifyPaths:
    """Return OpenSSL's settings with this file or folder of authorities."""
    # As in ssl.get_default_verify_paths: an empty name for a missing file or folder.
    return ssl.DefaultVerifyPaths(
        str(cafile or ""), str(capath or ""), "SSL_CERT_FILE", "", "SSL_CERT_DIR", ""
    )


def names(bundle: bytes) -> list[str]:
    """Return the names of the authorities in a bundle."""
    return [certificate.subject.rfc4514_string() for certificate in trust.parse_certificates(bundle)]


def test_the_machines_file_of_authorities_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bundle.pem"
    file.write_bytes(authority("company") + authority("world"))

    assert names(trust.read_trusted_authorities(settings(cafile=file))) == ["CN=company", "CN=world"]


def test_without_a_file_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.pem").write_bytes(authority("one"))
    (tmp_path / "two.pem").write_bytes(authority("two"))

    assert names(trust.read_trusted_authorities(settings(capath=tmp_path))) == ["CN=one", "CN=two"]


def test_duplicate_and_broken_certificates_are_skipped() -> None:
    company = authority("company")
    broken = b"-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"

    assert names(b"# a comment\n" + company + broken + company + authority("world")) == [
        "CN=company",
        "CN=world",
    ]


def test_the_trust_store_is_the_file_that_java_reads_first(tmp_path: Path) -> None:
    (tmp_path / "lib" / "security").mkdir(parents=True)

    count = trust.write_trust_store(tmp_path, trust.parse_certificates(authority("company")))

    store = pkcs12.load_pkcs12((tmp_path / "lib" / "security" / "jssecacerts").read_bytes(), None)
    assert count == 1
    assert [entry.certificate.subject.rfc4514_string() for entry in store.additional_certs] == ["CN=company"]


def test_without_authorities_java_keeps_its_own_list(tmp_path: Path) -> None:
    assert (
        trust.write_trust_store(
            tmp_path, trust.parse_certificates(trust.read_trusted_authorities(settings()))
        )
        == 0
    )
    assert list(tmp_path.iterdir()) == []
