"""The parts of views/base.py: lists, forms, references, masks."""
