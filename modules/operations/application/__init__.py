"""What can be asked and done about operations."""
