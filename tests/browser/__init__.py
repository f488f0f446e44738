"""The same stories by hand and eye, in a real Chromium."""
