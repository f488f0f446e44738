"""Verbs: one file per noun; check, change, flush; never commit, render or read the request."""
