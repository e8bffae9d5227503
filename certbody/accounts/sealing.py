"""Secrets of the second factor, encrypted at rest under the secret key."""

import base64
import hashlib

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction

SEALED = ("secret", "seed")  # of the authenticator app, of the recovery codes


def vault() -> MultiFernet:
    """The newest key encrypts, each of the older ones still opens, so that the secret key can be rotated."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"second factor {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


@transaction.atomic
def reseal_second_factors() -> int:
    """Encrypt every secret anew under the newest key; return how many authenticators there were.

    Raises InvalidToken, and changes nothing, when a secret opens with none of the keys.
    """
    newest = vault()
    authenticators = Authenticator.objects.select_for_update(of=("self",)).order_by("pk")
    for authenticator in authenticators:
        for name in SEALED:
            if sealed := authenticator.data.get(name):
                authenticator.data[name] = newest.rotate(sealed).decode()
        authenticator.save(update_fields=["data"])
    return len(authenticators)
