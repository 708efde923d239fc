"""Durable state. `base.py` is the store, `sqlite/` and `postgres/` are its adapters; the families are between."""
