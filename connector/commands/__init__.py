"""The commands of `connector`, one module for each kind of work."""
