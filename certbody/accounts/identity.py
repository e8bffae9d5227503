"""Identity-document numbers: encrypted at rest, compared by a keyed hash, shown by their last four characters."""

import base64
import hashlib
import hmac
import re
from unicodedata import normalize

from cryptography.fernet import Fernet
from django.conf import settings

from certbody.keys import read_or_make


def _key() -> bytes:
    return read_or_make(settings.CERTBODY_HOME / "keys" / "identity")


def normal_form(number: str) -> str:
    """The letters and digits alone: one document is one number, however it was typed."""
    return "".join(re.findall(r"[0-9A-Z]", normalize("NFKC", number).upper()))


def seal(number: str) -> str:
    """Encrypt an identity-document number."""
    return Fernet(base64.urlsafe_b64encode(_key())).encrypt(normal_form(number).encode()).decode()


def unseal(sealed: str) -> str:
    return Fernet(base64.urlsafe_b64encode(_key())).decrypt(sealed.encode()).decode()


def fingerprint(number: str) -> str:
    """Return a keyed SHA-256 by which two accounts of one human being are recognised without decrypting."""
    return hmac.new(_key(), normal_form(number).encode(), hashlib.sha256).hexdigest()
