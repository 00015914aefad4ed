"""demo (stub while the example region is being written)."""
