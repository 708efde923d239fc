"""The scripted backend: says what it is told; for tests, docs and demos."""
