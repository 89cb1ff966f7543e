"""What a change of the policy would give and take, found out without making it."""
