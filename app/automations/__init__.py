"""WHEN … IF … THEN: rules that an administrator or a pack writes, run by events."""
