"""Personal data of tickets that have ended: overwritten after a time, or on a granted request."""
