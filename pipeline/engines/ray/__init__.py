"""Calls made by a Ray cluster. Pays where several machines share the work; see `cluster`."""
