"""Many products changed by one request: all of it or nothing, or whatever goes."""
