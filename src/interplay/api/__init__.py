"""HTTP: routes, keys, bodies, streams, errors. The only layer that knows the web framework."""
