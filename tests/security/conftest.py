from tests.accounts.doors import security_log

__all__ = ["security_log"]
