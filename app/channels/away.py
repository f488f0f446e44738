"""Why a server could not be reached, in a word that whoever asked it puts into a sentence."""

from __future__ import annotations

import socket
import ssl

REFUSED, SILENT, UNKNOWN, UNENCRYPTED, OTHER = "refused", "silent", "unknown", "unencrypted", ""


def why(error: BaseException) -> str:
    """REFUSED, SILENT (no answer in time), UNKNOWN (no such name), UNENCRYPTED (not in this way) or OTHER."""
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    if isinstance(error, TimeoutError):
        return SILENT
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLCertVerificationError):
        return UNENCRYPTED
    return UNKNOWN if isinstance(error, socket.gaierror) else OTHER
