"""People, organisations, roles, devices; sign-in, refresh, sign-out."""
