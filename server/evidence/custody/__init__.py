"""Custody: who opened an original and when, whether every original is still what it was, and evidence to hand on."""
