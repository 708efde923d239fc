"""Media and other large bytes, kept by their SHA-256 outside the database. Not here: who holds them (`store.blobs`)."""
