"""What the server costs, measured on this machine: `python -m benchmarks.run`.

Everything is here: an upstream that costs next to nothing (`upstream`), load from processes of its own (`load`,
`conversation`), one server of ours between them (`server`), and one table with the targets beside (`report`). All
of it stays on the loopback address.
"""
