"""Stories over HTTP that cross modules."""
