"""Bases to look at: the demo company, a large plausible base, and the factories that both and the tests use."""
