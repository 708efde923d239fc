"""What a pull tells its user when it cannot be done. Not here: what the server answers (`interplay.errors`)."""


class WeightsError(Exception):
    """One sentence for the person at the terminal: what was got, what was expected, what to do."""


class InterruptedPullError(WeightsError):
    """A transfer that broke off; what has come so far is kept and can be gone on from."""


class NoSpaceError(WeightsError):
    """The disk is too small, wherever the file would come from."""
