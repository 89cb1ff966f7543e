"""What can be done with roles and assignments."""
