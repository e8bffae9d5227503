from tests.accounts.doors import periods, security_log

__all__ = ["periods", "security_log"]
