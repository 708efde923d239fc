"""Triggers: when they are due, what is started then, and what comes of it. Not here: the loop that looks (`jobs`)."""
