"""One suite per port, run on its fake and on its real adapter."""
