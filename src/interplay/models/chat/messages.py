"""The conversation as the chat-completions protocol says it. Pure functions. Not here: the rest of a request (`body`).

Two rules of the protocol shape it: sides take turns, and each call is answered right behind it. So steps of the same
side that follow each other become one message, calls included, and every result stands behind its call, wherever in
the conversation it came; a call that is still without one is answered by a sentence that says so.

A result that came after the model had gone on without it would be overlooked there. It is said a second time where it
came, as the user's words, so that the newest thing said is also the last. Results that come late but before the model
says anything more need none of that: all of it is new to the model.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.results import NOT_YET, result_text
from interplay.models.spoken import joined_text, only_text, spoken
from interplay.wire import FunctionCallStep, FunctionResultStep, ModelOutputStep, Step, ThoughtStep, UserInputStep

Role = Literal["system", "user", "assistant", "tool"]

_JSON: Final = msgspec.json.Encoder()


class Called(msgspec.Struct, frozen=True, gc=False):
    """The function of a call."""

    name: str
    arguments: str
    """A JSON object as text."""


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """A call that the model made."""

    id: str
    function: Called
    type: Literal["function"] = "function"


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a chat."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    """Of a `tool` message: the call that it answers."""
    reasoning_content: str | None = None
    """What the model thought before it said this."""
    reasoning: str | None = None
    thinking: str | None = None
    reasoning_details: tuple[dict[str, str], ...] = ()
    """The same in other servers' words (`reasoning`)."""


LONGEST_REASONING: Final = 2**20
"""Characters of sealed thoughts that go back with one conversation; of the oldest, none do."""


def messages(request: ModelRequest) -> list[Message]:
    """The conversation: the system instruction, then its turns.

    Thoughts go back with what the model said behind them, where the request says so (`reasoning_back`). Outputs that
    follow each other with nothing in between are one text that was broken off.
    """
    chat = Chat()
    if request.system_instruction:
        chat.say("system", request.system_instruction)
    before: Step | None = None
    for step in request.steps:
        if type(step) is type(before) is ModelOutputStep:
            chat.go_on(joined_text(step.content, ""))
        elif text := only_text(step):
            chat.say("user" if type(step) is UserInputStep else "assistant", text)
        else:
            _add(chat, step)
        before = step
    return _with_reasoning(chat, request)


def joined(chat: Sequence[Message], more: Sequence[Message]) -> list[Message]:
    """A chat and what is added to it; the user does not speak twice in a row."""
    whole = list(chat)
    for message in more:
        if whole and message.role == whole[-1].role == "user":
            whole[-1] = Message("user", f"{whole[-1].content}\n\n{message.content}")
        else:
            whole.append(message)
    return whole


class Chat:
    """A chat that grows by one step at a time."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        """Without the texts and the calls that grow."""
        self._texts: dict[int, list[str]] = {}
        """What has been said in messages that grow, by their places: joined once, at the end."""
        self._made: dict[int, list[ToolCall]] = {}
        """The calls of each message that has some."""
        self._called: dict[int, Called] = {}
        """What was called, by the place of the answer."""
        self._calls = 0
        self._answers: dict[str, int] = {}
        """Where the answer to each call stands, by the id that the client knows it by."""
        self._spoke = -1
        """Where the model spoke last."""
        self._calling = False
        """Whether the model's last message has calls, and nobody has said anything since."""
        self._thought: list[ThoughtStep] = []
        """What the model has thought since somebody spoke."""
        self.thoughts: dict[int, list[ThoughtStep]] = {}
        """What it thought before each of its messages, by their places."""

    def messages(self) -> list[Message]:
        """What was said so far."""
        said = list(self._messages)
        for place, parts in self._texts.items():
            said[place] = msgspec.structs.replace(said[place], content="".join(parts))
        for place, calls in self._made.items():
            said[place] = msgspec.structs.replace(said[place], tool_calls=tuple(calls))
        return said

    def think(self, step: ThoughtStep) -> None:
        """Add a thought, which belongs to what the model says next."""
        self._thought.append(step)

    def say(self, role: Role, text: str) -> None:
        """Add what somebody said, to their last message if that is the newest. Model text behind calls is one turn."""
        if role == "assistant" and self._calling:
            self._extend(self._spoke, text)
        elif self._messages and self._messages[-1].role == role:
            self._extend(len(self._messages) - 1, text)
        else:
            self._append(Message(role, text))
        if self._thought:
            self._end_thought(role)

    def go_on(self, text: str) -> None:
        """Add more of a model's text that was broken off."""
        if self._spoke < 0 or self._spoke < len(self._messages) - 1:
            self.say("assistant", text)
        else:
            self._said(self._spoke).extend([text] if text else ())
            self._end_thought("assistant")

    def call(self, step: FunctionCallStep) -> None:
        """Add a call, together with what the model said just before, and the place of its answer.

        Calls are numbered anew: some servers (Mistral's) take ids of nine letters and digits only.
        """
        self._calls += 1
        made = ToolCall(f"call{self._calls:05}", Called(step.name, _JSON.encode(step.arguments).decode()))
        if not self._calling and (not self._messages or self._messages[-1].role != "assistant"):
            self._append(Message("assistant", ""))
        self._made.setdefault(self._spoke, []).append(made)
        self._end_thought("assistant")
        self._answers[step.id] = len(self._messages)
        self._called[len(self._messages)] = made.function
        self._messages.append(Message("tool", NOT_YET, tool_call_id=made.id))
        self._calling = True

    def answer(self, step: FunctionResultStep) -> None:
        """Put a result behind its call; where the model has gone on meanwhile, or the call was deleted, say it too."""
        text, place = result_text(step), self._answers.get(step.call_id)
        if place is None:
            self.say("user", f"The result of {step.name or 'a function'}: {text}")
            return
        self._calling = False
        self._thought = []
        self._messages[place] = msgspec.structs.replace(self._messages[place], content=text)
        if self._spoke > place:
            called = self._called[place]
            self.say("user", f"The result of {called.name}({called.arguments}) has come only now: {text}")

    def _end_thought(self, role: Role) -> None:
        if self._thought and role == "assistant":
            self.thoughts.setdefault(self._spoke, []).extend(self._thought)
        self._thought = []

    def _append(self, message: Message) -> None:
        self._messages.append(message)
        self._calling = False
        if message.role == "assistant":
            self._spoke = len(self._messages) - 1

    def _extend(self, place: int, text: str) -> None:
        parts = self._said(place)
        parts += ["\n\n", text] if any(parts) else [text]

    def _said(self, place: int) -> list[str]:
        """The parts of a text that grows."""
        return self._texts.setdefault(place, [self._messages[place].content])


def _add(chat: Chat, step: Step) -> None:
    match step:
        case FunctionCallStep():
            chat.call(step)
        case FunctionResultStep():
            chat.answer(step)
        case ThoughtStep():
            chat.think(step)
        case _:
            for role, text in spoken((step,)):
                chat.say(role, text)


def _with_reasoning(chat: Chat, request: ModelRequest) -> list[Message]:
    """The messages with the thoughts that go back, the newest first, as far as there is room for them."""
    said, left = chat.messages(), LONGEST_REASONING
    places = () if request.reasoning_back == "never" else sorted(chat.thoughts, reverse=True)
    for place in places:
        message = said[place]
        if request.reasoning_back == "always" or message.tool_calls:
            signatures = [step.signature for step in chat.thoughts[place] if step.signature]
            left -= sum(map(len, signatures))
            if left < 0:
                break
            thought = "\n\n".join(filter(None, map(request.recalled, signatures)))
            said[place] = msgspec.structs.replace(message, reasoning_content=thought or None)
    return said
