"""What failed and must be rectified."""
