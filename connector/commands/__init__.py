"""The commands of `connector`, a module for each kind of work."""
