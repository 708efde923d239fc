"""What compiling, checking and enforcing JSON schemas is worth and costs, measured. Start with `measure`."""
