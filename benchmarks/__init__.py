"""What this project's parts cost, as a ratio to a bare baseline measured in the same run."""
