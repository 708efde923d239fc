"""Questions over a shared input, answered by the model's own probabilities of the options."""
