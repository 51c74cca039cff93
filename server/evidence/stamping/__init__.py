"""A copy of a photo with what is known of it drawn at its foot: when, where, what of, by whom, and of which bytes."""
