"""Keys that live in the body's home and are made there at the first start."""

import base64
import os
import secrets
from pathlib import Path


def read_or_make(path: Path) -> bytes:
    """Return the 32 random bytes kept in `path`, making them once; two processes that start together agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(base64.urlsafe_b64encode(secrets.token_bytes(32)))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return base64.urlsafe_b64decode(path.read_bytes())
