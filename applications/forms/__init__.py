"""Forms of applications and contracts: one module a subject."""
