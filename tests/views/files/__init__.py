"""The doors of files."""
