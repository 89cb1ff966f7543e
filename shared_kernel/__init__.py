"""What every module shares. It grows only by agreement."""
