"""A home for every test process, before Django reads the settings (loaded by `-p` in pyproject.toml)."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# the marker `nightly` names the tests whose loops are short by day
IS_NIGHTLY = os.environ.get("CERTBODY_NIGHTLY") == "1"

_home = tempfile.mkdtemp(prefix="certbody-test-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["CERTBODY_SEARCHES_PER_MINUTE"] = "0"  # tests ask a thousand times from one address
os.environ["CERTBODY_API_PER_MINUTE"] = "0"
os.environ["CERTBODY_REGISTRATIONS_PER_MINUTE"] = os.environ["CERTBODY_INVITATIONS_PER_MINUTE"] = "0"
os.environ["CERTBODY_ASSESSMENTS_PER_MINUTE"] = "0"
(Path(_home) / "static").mkdir()  # WhiteNoise warns about a missing folder, and warnings are errors
os.environ["CERTBODY_HOME"] = _home
for _name in (
    "CERTBODY_URL",
    "CERTBODY_DEMO",
    "CERTBODY_DEMO_PASSWORD",
    "CERTBODY_CHECKPOINTS",
    "BIND",
    "EMAIL_URL",
    "SECRET_KEY",
):
    os.environ.pop(_name, None)
