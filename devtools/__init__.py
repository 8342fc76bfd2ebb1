"""Tools for developing and trying the project; nothing here runs in production."""
