"""People of the pages of applications, in which files are handed in."""

from tests.accounts.doors import security_log
from tests.applications.conftest import auditor, client_user, reviewer, stranger
from tests.files.clamd import scanning

__all__ = ["auditor", "client_user", "reviewer", "scanning", "security_log", "stranger"]
