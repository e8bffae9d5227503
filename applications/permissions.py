"""Who may take the steps of applications and contracts; all of it is made of the kernel's rules."""

from certbody.accounts.roles import Role
from certbody.permissions import has_role, is_client, system_only

by_client = is_client
by_reviewer = has_role(Role.REVIEWER)
by_contracts = has_role(Role.CONTRACTS)
by_system = system_only
