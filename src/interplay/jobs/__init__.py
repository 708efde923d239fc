"""Background loops: what the server does by itself. Each has a `tick` that tests call."""
