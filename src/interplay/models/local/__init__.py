"""The local backend: one GGUF model in an engine process of our own."""
