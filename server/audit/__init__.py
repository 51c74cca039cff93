"""Who did what, when; append-only, hash-chained in batches."""
