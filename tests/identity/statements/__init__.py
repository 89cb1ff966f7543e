"""How many statements the routes of identity ask of the database."""
