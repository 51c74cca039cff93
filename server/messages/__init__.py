"""The inbox; each message once."""
