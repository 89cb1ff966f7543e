"""The statements that read roles, policies and who was given what."""
