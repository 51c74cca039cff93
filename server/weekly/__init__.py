"""The week's figures and tables."""
