"""Every adapter of the store, for the ticks too."""

from tests.store.conftest import make, store

__all__ = ["make", "store"]
