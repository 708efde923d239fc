"""Who may ask: API keys and the projects they open. Not here: how a key travels (`interplay.api.auth`)."""
