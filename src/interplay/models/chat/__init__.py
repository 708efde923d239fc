"""The chat-completions protocol as a client, for every backend whose engine speaks it."""
