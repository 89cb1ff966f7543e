"""How long decisions take, beside Casbin's own enforcer and Cedar."""
