"""The techniques every module uses: HTTP, SQL, events, settings."""
