"""Certificates as openssl makes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

_ALTERNATIVES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_pair(folder: Path) -> None:
    """`tls.crt` for this machine, which vouches for itself, and `tls.key`."""
    _openssl(
        *["req", "-x509", *_KEY, "-days", "30", "-subj", "/CN=localhost", "-addext", _ALTERNATIVES],
        *["-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
    )


class Authority:
    """One that vouches for others, by `ca.crt`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.certificate, self._key = folder / "ca.crt", folder / "ca.key"
        _openssl(
            *["req", "-x509", *_KEY, "-days", "30", "-subj", "/CN=authority"],
            *["-keyout", self._key, "-out", self.certificate],
        )

    def vouch(self, name: str) -> tuple[Path, Path]:
        """A certificate for this machine, and its key; another each time."""
        certificate, key, wanted = (self.folder / f"{name}.{ending}" for ending in ("crt", "key", "csr"))
        _openssl("req", "-new", *_KEY, "-subj", f"/CN={name}", "-keyout", key, "-out", wanted)
        extensions = self.folder / "extensions"
        extensions.write_text(_ALTERNATIVES + "\n")
        _openssl(
            *["x509", "-req", "-in", wanted, "-days", "30", "-CA", self.certificate, "-CAkey", self._key],
            *["-CAcreateserial", "-extfile", extensions, "-out", certificate],
        )
        return certificate, key
