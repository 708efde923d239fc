"""The engine: a request in, events out, and the one fold that makes an Interaction of events."""
