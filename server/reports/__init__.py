"""An inspection: incomplete, submitted, approved or returned."""
