"""Deputies: what whoever stands in for somebody reaches, and for how long."""
