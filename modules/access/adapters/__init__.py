"""How access meets HTTP, PostgreSQL, Casbin and the command line."""
