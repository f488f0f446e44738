"""The ground every noun stands on: session, actor, access, history, files, numbers."""
