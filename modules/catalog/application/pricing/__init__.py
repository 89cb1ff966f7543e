"""Prices by currency and time, and which of them is in force."""
