"""One lineage of schema revisions, run from code by `interplay.store.migrate`."""
