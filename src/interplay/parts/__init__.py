"""The parts of a server, one file a feature: settings become objects, objects become routes and background loops.

Parts name concrete classes; `interplay.app` puts them into an order. Nothing below this package knows of it.
"""
