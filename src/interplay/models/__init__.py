"""Model backends. `base.py` is the port, `catalogue.py` says which name goes to which backend."""
