"""How fast the pages are over a large base, held against the barest program that shows the same values."""
