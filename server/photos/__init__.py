"""Originals by SHA-256, resumable uploads, renditions, the facts that stand on a photo."""
