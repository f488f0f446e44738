"""The windows: read, count, draw; never write."""
