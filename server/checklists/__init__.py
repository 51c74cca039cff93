"""Templates, versions, limits, scoring, the minutes they cost."""
