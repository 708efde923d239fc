"""Runs: start, read, cancel and end an interaction. Joins the engine and the store; knows nothing of HTTP."""
