"""Interpreters of what the company drew: they look at plain values, write nothing and call no verb."""
