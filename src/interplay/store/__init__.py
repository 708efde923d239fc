"""Durable state. `base.py` is the port, each adapter one file."""
