"""Signed ends of the chain, kept outside the database: a cut tail or an older copy contradicts them."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from certbody import clock
from certbody.keys import read_or_make
from certbody.trail.chain import canonical, plain
from certbody.trail.models import TrailHead

NEWEST = "newest"  # a copy of the latest checkpoint, so that a page need not list them all


@dataclass(frozen=True)
class Checkpoint:
    """The hash of event `sequence`, signed at the moment `at`: Ed25519 over the canonical JSON of the three facts."""

    name: str
    sequence: int = 0
    hash: str = ""
    at: datetime | None = None
    signature: str = ""
    signature_holds: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The facts as they were signed, and the signature."""
        return {**plain(self.facts), "signature": self.signature}

    @property
    def facts(self) -> dict[str, Any]:
        return {"sequence": self.sequence, "hash": self.hash, "at": self.at}


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(read_or_make(settings.CERTBODY_HOME / "keys" / "checkpoint"))


def public_key() -> str:
    """The Ed25519 public key that checks every checkpoint of this body, in hexadecimal."""
    return _key().public_key().public_bytes_raw().hex()


def write_checkpoint() -> bool:
    """Write the signed end of the chain to the checkpoint folder, which may lie on another machine.

    Returns whether the chain has grown since the last one. The name holds the beginning of the hash, so that a restored
    database, which walks through the same numbers again, hides no checkpoint of its earlier life.
    """
    head = TrailHead.objects.filter(pk=1).first()
    if head is None or head.sequence == 0:
        return False
    folder = settings.CERTBODY_CHECKPOINTS
    path = folder / f"{head.sequence:012}-{head.hash[:12]}.json"
    if path.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"sequence": head.sequence, "hash": head.hash, "at": clock.now()}
    text = canonical(facts | {"signature": _key().sign(canonical(facts).encode()).hex()})
    _replace(path, text)
    _replace(folder / NEWEST, text)
    return True


def _replace(path: Path, text: str) -> None:
    """Durable and whole, whoever else writes the same: each writer has a file of his own until it is complete."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_checkpoints() -> list[Checkpoint]:
    """Every checkpoint by its name, which begins with the sequence; unreadable and forged ones say so."""
    return [_read(path) for path in sorted(settings.CERTBODY_CHECKPOINTS.glob("*.json"))]


def newest_checkpoint() -> Checkpoint | None:
    """The checkpoint written last, or nothing when there is none that this body has signed."""
    path = settings.CERTBODY_CHECKPOINTS / NEWEST
    newest = _read(path) if path.exists() else None
    return newest if newest and newest.signature_holds else None


def _read(path: Path) -> Checkpoint:
    try:
        facts: dict[str, Any] = json.loads(path.read_text())
        signature = facts.pop("signature")
        _key().public_key().verify(bytes.fromhex(signature), canonical(facts).encode())
        at = datetime.fromisoformat(facts["at"])
        return Checkpoint(path.name, int(facts["sequence"]), str(facts["hash"]), at, signature, True)
    except (ValueError, KeyError, AttributeError, TypeError, OSError, InvalidSignature):
        return Checkpoint(path.name)
