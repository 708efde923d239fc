"""A reader of a log who counts, while the run goes on, as somebody who waits for it."""

from interplay.runs.reading import EventReader
from interplay.runs.run import Run


class Following:
    """One client that follows one interaction."""

    def __init__(self, reader: EventReader, run: Run | None = None) -> None:
        self.reader = reader
        self._run = run
        if run is not None:
            run.join()

    def leave(self) -> None:
        """Stop following."""
        self.reader.leave()
        if self._run is not None:
            self._run.leave()
            self._run = None


def from_the_start(run: Run) -> Following:
    """All events of a run that was just started."""
    return Following(run.follow(0), run)
