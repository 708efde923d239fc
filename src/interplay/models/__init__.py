"""Model backends. `base.py` is the port, each adapter one file."""
