"""`connector doctor`: try everything that the service needs, and say what to do about what is wrong."""
