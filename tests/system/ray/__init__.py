"""Backfills over a local Ray cluster. A target of their own (`make ray`): each run starts a dozen processes."""
