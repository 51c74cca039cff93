"""What changed, for the phone."""
