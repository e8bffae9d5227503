"""What the steps of applications and contracts do: one module a subject."""
