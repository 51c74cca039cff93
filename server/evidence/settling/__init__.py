"""What becomes of a flag: its inspector answers it, a reviewer settles it with a reason."""
