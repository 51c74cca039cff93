"""The supervisor's queue and decisions."""
