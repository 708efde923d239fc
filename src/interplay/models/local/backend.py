"""The local backend: a GGUF model in an engine of our own (`supervisor`), asked by the chat protocol (`chat`).

What is local about it: turns wait while the engine loads, take their share of its memory in order, and
hear in plain words when it dies under them or when their conversation is too long for it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from interplay.errors import Failure, invalid
from interplay.models.base import Capabilities, Failed, ModelRequest, Piece, Weighed
from interplay.models.checks import check
from interplay.models.local.builds import described
from interplay.models.local.calling import may_call, prompts, turn
from interplay.models.local.checks import EngineError
from interplay.models.local.connection import EngineConnection, connect
from interplay.models.local.families import family_of
from interplay.models.local.probing import probe
from interplay.models.local.process import EngineProcess
from interplay.models.local.saved import SavedPrompts
from interplay.models.local.settings import EngineSettings
from interplay.models.local.study import SavedPrompt, study
from interplay.models.local.supervisor import EngineEvent, EngineSupervisor, RestartPolicy, unheard
from interplay.models.local.turn_space import TurnSpace
from interplay.models.local.weighing import Labels
from interplay.notes import Note
from interplay.wire import GenerationConfig

T = TypeVar("T")

DEATH_NOTICE_SECONDS: Final = 1.0
"""An engine that broke off an answer may have died; that is known within this time."""

LOADING_SECONDS: Final = 3600.0
"""How long the start waits for an engine of the user's own: it may have a very large model to load."""

DOES_NOT_THINK: Final = Capabilities()


class LocalBackend:
    """One model file, answered for under one name.

    `patience` is how many seconds a turn waits for an engine that is loading.
    """

    weighs_at_once = 1
    """The engine keeps a prefix in one place: turns beside it would read it again, and all of them slower."""
    continues = True

    def __init__(
        self,
        settings: EngineSettings,
        name: str,
        *,
        patience: float = 60.0,
        on_event: Callable[[EngineEvent], None] = unheard,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._settings = settings
        self._name = name
        self._family = family_of(settings.model_path)
        self._patience = patience
        self._on_event = on_event
        self._saved: SavedPrompts | None = None
        self._told_unsaved = False
        self._supervisor = EngineSupervisor(settings, on_event=self._heard, policy=policy)
        self._space = TurnSpace(settings.parallel_turns, settings.memory())
        self._labels = Labels()
        self._connection: EngineConnection | None = None
        self._connecting = asyncio.Lock()
        self._read_by_turn = False
        """Whether a turn with functions has read the lesson in the engine's present life."""
        self._looked_up = asyncio.Event()
        """Whether the lesson is back, or is known not to have been kept: turns wait for that, which takes a moment."""
        self._studying: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the engine. Raises EngineError if it cannot run here."""
        self._open_saved()
        await self._supervisor.open()
        if self._settings.engine is not None:
            await self._try(self._settings.engine)

    async def _try(self, engine: str) -> None:
        """Wait for an engine of the user's own, which may lack what is needed. Raises EngineError."""
        try:
            await self._supervisor.running(LOADING_SECONDS)
            await self._connected()
        except Failure as failure:
            await self.close()
            raise EngineError(f"[local] engine: {engine} cannot be used: {failure.message}.") from failure

    async def close(self) -> None:
        """End the engine, and with it the turns that still run."""
        await self._supervisor.close()
        if self._studying is not None:
            self._studying.cancel()
            await asyncio.wait([self._studying])
        await self._disconnect()

    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._supervisor.ready()

    def check(self, request: ModelRequest) -> tuple[Note, ...]:
        """Refuse what a text model cannot honour."""
        return check(request, DOES_NOT_THINK)

    def untaken(self, model: str, config: GenerationConfig) -> tuple[Note, ...]:  # noqa: ARG002 - the port's
        """None: the engine takes all of them."""
        return ()

    async def generate(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        """Answer, as soon as there is room."""
        try:
            prompt, answer = await self._ask(partial(self._sizes, request))
        except Failure as failure:
            yield [Failed(failure)]
            return
        await self._looked_up.wait()
        space = self._space.taken(prompt + answer, patient=request.patient)
        async with space, aclosing(self._answer(limited(request, answer))) as batches:
            async for batch in batches:
                yield batch
        self._read_by_turn = self._read_by_turn or may_call(request)

    async def weigh(self, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """How probable each option is, exactly, as soon as there is room."""
        prompt, _ = await self._ask(partial(self._sizes, request))
        await self._looked_up.wait()
        async with self._space.taken(prompt + 1):
            connection = await self._connected()
            try:
                return await self._labels.weigh(connection, request, options)
            except Failure as failure:
                reason = await self._reason(failure, connection.engine)
                if reason is failure:
                    raise
                raise reason from failure

    async def count_tokens(self, request: ModelRequest) -> int:
        """The prompt's length as the engine itself counts it, its template included."""
        return await self._ask(partial(self._prompt, request))

    async def capabilities(self, model: str) -> Capabilities:  # noqa: ARG002 - there is one model only
        """What fits, as the engine says once it is loaded. These models do not think."""
        if not self.ready():
            return DOES_NOT_THINK
        context = (await self._connected()).context_tokens
        limits = {"input_token_limit": context, "output_token_limit": min(context, self._settings.answer_tokens)}
        return msgspec.structs.replace(DOES_NOT_THINK, **limits)

    async def models(self) -> list[str]:
        """The one model there is."""
        return [self._name]

    async def _prompt(self, request: ModelRequest, connection: EngineConnection) -> int:
        """The tokens of the longest prompt that the turn may take."""
        asked = await asyncio.to_thread(prompts, request, self._family.lesson)  # of many functions, which takes long
        return max([await connection.prompt_tokens(prompt) for prompt in asked])

    async def _sizes(self, request: ModelRequest, connection: EngineConnection) -> tuple[int, int]:
        """The tokens of the prompt, and those that its answer may have. Raises Failure if they do not fit."""
        prompt, context = await self._prompt(request, connection), connection.context_tokens
        if prompt >= context:
            raise invalid(
                f"'input' is too long: the conversation has {prompt} tokens, but model {request.model!r} takes "
                f"{context}, its answer included; send less, or start a new conversation"
            )
        wanted = request.generation_config.max_output_tokens or self._settings.answer_tokens
        return prompt, min(wanted, self._settings.answer_tokens, context - prompt)

    async def _answer(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        try:
            connection = await self._connected()
        except Failure as failure:
            yield [Failed(failure)]
            return
        async with aclosing(turn(request, self._family.lesson, connection.generate)) as batches:
            async for batch in batches:
                yield [*batch[:-1], await self._explained(batch[-1], connection.engine)]

    async def _ask(self, question: Callable[[EngineConnection], Awaitable[T]]) -> T:
        """The engine's answer to a small question, asked of its next life if it dies over it. Raises Failure."""
        connection = await self._connected()
        try:
            return await question(connection)
        except Failure as failure:
            if failure.code == "invalid_request" or not await dead(connection.engine):
                raise
        return await question(await self._connected())

    async def _explained(self, piece: Piece, engine: EngineProcess) -> Piece:
        """The piece; a failure with its true reason."""
        return Failed(await self._reason(piece.failure, engine)) if isinstance(piece, Failed) else piece

    async def _reason(self, failure: Failure, engine: EngineProcess) -> Failure:
        """The failure, except that a connection that broke because the engine died is called that."""
        if failure.code == "invalid_request" or not await dead(engine):
            return failure
        if self._supervisor.closed():
            return Failure("unavailable", "the local engine stopped in mid-answer: this server is stopping")
        reason = f"the local engine stopped in mid-answer and is being restarted; try again ({engine.why()})"
        return Failure("unavailable", reason, broke=True)

    def _heard(self, event: EngineEvent) -> None:
        """Prepare each life of the engine as soon as it can be asked."""
        self._on_event(event)
        if event.kind != "ready":
            return
        if not self._settings.prepares:
            self._looked_up.set()
            return
        self._read_by_turn = False
        self._looked_up.clear()
        self._studying = asyncio.create_task(self._study(), name=f"study {self._name}")

    async def _study(self) -> None:
        """Read the lesson; should the engine die over it, its next life does."""
        with suppress(Failure):
            try:
                connection = await self._connected()
                by_turn, saved = (lambda: self._read_by_turn), self._saved_prompt(connection)
                if read := await study(
                    connection, self._family.lesson, self._space, self._looked_up.set, by_turn, saved
                ):
                    self._on_event(read)
            finally:
                self._looked_up.set()

    def _open_saved(self) -> None:
        """Find the folder of what earlier starts have read; without one, everything is read anew."""
        settings = self._settings
        if settings.prompts_folder is None or not settings.prepares:
            return
        saved = SavedPrompts(Path(settings.prompts_folder), Path(settings.model_path))
        try:
            saved.open()
        except OSError as error:
            self._unsaved(f"{settings.prompts_folder} cannot be used: {error.strerror}")
        else:
            self._saved = saved

    def _saved_prompt(self, connection: EngineConnection) -> SavedPrompt | None:
        if self._saved is None:
            return None
        settings = self._settings
        about = [settings.context_tokens, settings.memory(), described(settings.engine)]
        return SavedPrompt(self._saved, connection, self._space, settings.parallel_turns - 1, about, self._unsaved)

    def _unsaved(self, reason: str) -> None:
        """Say, once, that nothing can be kept for the next start."""
        if not self._told_unsaved:
            self._told_unsaved = True
            self._on_event(EngineEvent("unsaved", reason))

    async def _connected(self) -> EngineConnection:
        """The way to ask the engine as it lives now; waits while it loads. Raises Failure."""
        engine = await self._supervisor.running(self._patience)
        async with self._connecting:
            if self._connection is None or self._connection.engine is not engine:
                await self._disconnect()
                self._connection = await self._proven(
                    await connect(engine, self._family.sampling, self._settings.context_tokens)
                )
            return self._connection

    async def _proven(self, connection: EngineConnection) -> EngineConnection:
        """The connection; an engine that is not the package's is tried first. Raises Failure."""
        try:
            if self._settings.engine is not None:
                await probe(connection.ask)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def limited(request: ModelRequest, answer_tokens: int) -> ModelRequest:
    """The same request, with the longest length of its answer decided.

    Always incremental: an engine that answers in one piece writes nothing until the end, and so does not notice that
    its reader has left.
    """
    config = msgspec.structs.replace(request.generation_config, max_output_tokens=answer_tokens)
    return msgspec.structs.replace(request, generation_config=config, incremental=True)


async def dead(engine: EngineProcess) -> bool:
    """Whether the engine has ended, or does so in a moment."""
    try:
        async with asyncio.timeout(DEATH_NOTICE_SECONDS):
            await engine.ended.wait()
    except TimeoutError:
        return False
    return True
