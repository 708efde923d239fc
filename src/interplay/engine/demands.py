"""What a request demands of its answer, whatever the backend did to meet it: the one judge of every turn.

    a call        of a function that was offered, with arguments that meet its parameters
    the text      after the schema of `response_format`, unless the answer only calls functions
    at the end    at least one call, where `tool_choice` says `any`

An answer that its token limit cut off is judged no further: it is incomplete, and says so.
"""

import msgspec

from interplay.errors import Failure, invalid_answer, shown
from interplay.models.base import Call, ModelRequest, Stop


class Demands:
    """One turn being judged."""

    def __init__(self, request: ModelRequest) -> None:
        self._functions = {function.name: function for function in request.functions}
        self._must_call = request.must_call
        self._answer = request.answer
        self.called = False
        """Whether a function has been called."""

    def failure_of(self, call: Call) -> Failure | None:
        """Why this call cannot be shown."""
        function = self._functions.get(call.name)
        if function is None:
            offered = ", ".join(self._functions) or "nothing"
            return invalid_answer(f"The model called {shown(call.name)}, but was offered {offered}.")
        try:
            arguments = msgspec.json.decode(call.arguments)
        except (msgspec.DecodeError, RecursionError) as error:
            return invalid_answer(f"The model called {shown(call.name)} with arguments that are not JSON: {error}.")
        if not isinstance(arguments, dict):
            return invalid_answer(f"The model called {shown(call.name)} with {shown(arguments)}: expected an object.")
        complaint = function.parameters.validate_value(arguments)
        if complaint is not None:
            return invalid_answer(f"The model called {shown(call.name)} with wrong arguments: {complaint}")
        self.called = True
        return None

    def failure_at(self, stop: Stop, text: str) -> Failure | None:
        """Why an answer with this text cannot end like this."""
        if stop.reason == "length":
            return None
        if self._must_call and not self.called:
            return invalid_answer("The model called no function, though 'tool_choice' is \"any\".")
        if self._answer is None or (self.called and not text.strip()):
            return None
        complaint = self._answer.validate(text)
        return invalid_answer(f"The answer does not meet 'response_format': {complaint}") if complaint else None
