"""The ways in which models write calls into their text, one file each behind one port (`format`)."""
