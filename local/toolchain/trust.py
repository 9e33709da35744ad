"""Make the Java from PyPI trust what this machine trusts: `python -m local.toolchain.trust JAVA_HOME`.

A machine's own Java is set up by its packages; this one brings a list of its own, so behind a company's proxy
it could fetch nothing.
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


def trusted(paths: ssl.DefaultVerifyPaths) -> bytes:
    """Return the PEM bundle of the authorities that this machine trusts, as OpenSSL's settings say.

    Args:
        paths: the settings; SSL_CERT_FILE and SSL_CERT_DIR are in them already.
    """
    if paths.cafile:
        return Path(paths.cafile).read_bytes()
    files = sorted(Path(paths.capath).glob("*.pem")) if paths.capath else []
    return b"\n".join(file.read_bytes() for file in files)


def certificates(bundle: bytes) -> Iterator[x509.Certificate]:
    """Yield each certificate of a PEM bundle once, passing over those that cannot be read."""
    end = b"-----END CERTIFICATE-----"
    seen = set()
    for block in bundle.split(end)[:-1]:
        try:
            # Some old authorities have serial numbers that the standard forbids, which only earns a warning.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                certificate = x509.load_pem_x509_certificate(block + end)
                encoded = certificate.public_bytes(Encoding.DER)
        except ValueError:
            continue
        if encoded not in seen:
            seen.add(encoded)
            yield certificate


def write_trust_store(java_home: Path, authorities: Iterable[x509.Certificate]) -> int:
    """Write the trust store that Java prefers to its own list, and return how many authorities it holds.

    None leaves Java its own list.
    """
    entries = [pkcs12.PKCS12Certificate(authority, None) for authority in authorities]
    if entries:
        # Java looks for this name before `cacerts` (Java Secure Socket Extension, "The default trust store").
        store = java_home / "lib" / "security" / "jssecacerts"
        store.write_bytes(pkcs12.serialize_java_truststore(entries, NoEncryption()))
    return len(entries)


if __name__ == "__main__":
    write_trust_store(Path(sys.argv[1]), certificates(trusted(ssl.get_default_verify_paths())))
