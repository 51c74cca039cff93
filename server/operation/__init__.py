"""Running it: alive, ready, measured, documented, and the first page."""
