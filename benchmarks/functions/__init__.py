"""How well a local model chooses functions, measured: `python -m benchmarks.functions FILE`. Start with `__main__`."""
