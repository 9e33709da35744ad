"""The trust store of the Java from PyPI: `python -m local.toolchain.trust JAVA_HOME`.

The operating system configures the trust store of its own Java. The Java from PyPI has another list of
certificate authorities: without the machine's certificates, its downloads fail behind a company's proxy.
"""

from __future__ import annotations

import ssl
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning


def read_trusted_authorities(paths: ssl.DefaultVerifyPaths) -> bytes:
    """Return the PEM bundle of the authorities that this machine trusts, from OpenSSL's settings.

    Args:
        paths: the settings, which include SSL_CERT_FILE and SSL_CERT_DIR.
    """
    if paths.cafile:
        return Path(paths.cafile).read_bytes()
    files = sorted(Path(paths.capath).glob("*.pem")) if paths.capath else []
    return b"\n".join(file.read_bytes() for file in files)


def parse_certificates(bundle: bytes) -> Iterator[x509.Certificate]:
    """Yield each certificate of a PEM bundle once; unreadable certificates are skipped."""
    end = b"-----END CERTIFICATE-----"
    yielded = set()
    for block in bundle.split(end)[:-1]:
        try:
            # Some old authorities have invalid serial numbers, which only cause a warning.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                certificate = x509.load_pem_x509_certificate(block + end)
                encoded = certificate.public_bytes(Encoding.DER)
        except ValueError:
            continue
        if encoded not in yielded:
            yielded.add(encoded)
            yield certificate


def write_trust_store(java_home: Path, authorities: Iterable[x509.Certificate]) -> int:
    """Write the trust store that Java prefers to its own list, and return the number of authorities.

    Without authorities no store is written, and Java uses its own list.
    """
    entries = [pkcs12.PKCS12Certificate(authority, None) for authority in authorities]
    if entries:
        # Java reads this file before `cacerts` (Java Secure Socket Extension, "The default trust store").
        store = java_home / "lib" / "security" / "jssecacerts"
        store.write_bytes(pkcs12.serialize_java_truststore(entries, NoEncryption()))
    return len(entries)


if __name__ == "__main__":
    write_trust_store(
        Path(sys.argv[1]), parse_certificates(read_trusted_authorities(ssl.get_default_verify_paths()))
    )
