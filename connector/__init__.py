"""Runs the steps of standard operating procedures on Redmine tickets."""

__version__ = "0.1.0"
