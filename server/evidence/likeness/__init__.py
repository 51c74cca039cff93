"""Seen before 照片查重: the same bytes, and copies that were saved again, cut, mirrored, made brighter or written on."""
