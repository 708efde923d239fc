"""The model backends."""
