"""Limits: who may start something now, and who must come again. Not here: how it is counted (`counting.py`)."""

from typing import Final

from interplay.caller import Caller
from interplay.errors import Failure, shown
from interplay.observe import Limited, Observer
from interplay.runs.counting import Counting, Rules
from interplay.runs.windows import Refusal, Rule, Step
from interplay.settings.limits import LimitSettings, LimitsSettings
from interplay.store.base import Store

_QUEUE_SECONDS: Final = 5
"""When to ask again where a queue must become shorter first."""
_FOUND: Final = {
    "requests_per_minute": "requests in the last minute: {found}. It is free again in {seconds} s.",
    "tokens_per_minute": "tokens used in the last minute: {found}. It is free again in {seconds} s.",
    "concurrent_runs": "runs going on: {found}. It is free again when one of them ends.",
    "queue_length": "background runs that wait: {found}. It is free again when one of them begins.",
}


class Admission:
    """The leave to run something. It ends once, with what was used."""

    def __init__(self, counting: Counting | None = None, rules: Rules = ()) -> None:
        self._counting = counting
        self._rules = rules

    def end(self, tokens: int = 0) -> None:
        """The run has ended, or has not begun after all."""
        if self._counting is not None:
            self._counting.end(self._rules, tokens)


FREE: Final = Admission()
"""Of whom no limit concerns."""


class Limits:
    """The operator's limits, over all servers that share the store."""

    def __init__(self, settings: LimitsSettings, store: Store, counting: Counting, observe: Observer) -> None:
        self._settings = settings
        self._none = settings == LimitsSettings()
        everyones = (settings, settings.each_key, *settings.projects.values(), *settings.keys.values())
        self._some_wait = any(isinstance(each.concurrent_runs, int) for each in everyones)
        self._store = store
        self._counting = counting
        self._observe = observe

    async def admit(self, caller: Caller) -> Admission:
        """Let something be asked for and run. Raises Failure `rate_limited`: which limit is met, and until when."""
        if self._none:
            return FREE
        rules = self._rules(caller)
        self._check(caller, await self._begun(rules, Step.WHOLE))
        return self._admission(rules)

    async def accept(self, caller: Caller) -> None:
        """Let something be asked for that may wait for its `place`. Raises Failure as `admit` does."""
        if not self._none:
            rules = self._rules(caller)
            self._check(caller, await self._full_queue(caller, rules) or await self._begun(rules, Step.ACCEPT))

    async def place(self, caller: Caller) -> Admission | Refusal:
        """Let something run that was accepted, or say why it must go on waiting."""
        if self._none:
            return FREE
        rules = self._rules(caller)
        return await self._begun(rules, Step.RUN) or self._admission(rules)

    def at_once(self, room: int) -> int:
        """How many that wait are best taken together: of whom only some may run, one after the other."""
        return min(room, 1) if self._some_wait else room

    async def _begun(self, rules: Rules, step: Step) -> Refusal | None:
        return await self._counting.begin(_counted(rules), step) if _counted(rules) else None

    def _admission(self, rules: Rules) -> Admission:
        return Admission(self._counting, _counted(rules)) if _counted(rules) else FREE

    def _check(self, caller: Caller, refused: Refusal | None) -> None:
        if refused is not None:
            self._observe(Limited(project=caller.project, key=caller.key, limit=refused.limit))
            raise _failure(refused)

    async def _full_queue(self, caller: Caller, rules: Rules) -> Refusal | None:
        for rule in rules:
            if rule.queue_length is not None:
                waiting = await self._store.work.waiting(caller.project, caller.key if rule.kind == "key" else None)
                if waiting >= rule.queue_length:
                    limit, most = "queue_length", rule.queue_length
                    return Refusal(rule=rule, limit=limit, most=most, found=waiting, seconds=_QUEUE_SECONDS)
        return None

    def _rules(self, caller: Caller) -> Rules:
        whole = self._settings
        project = _rule("project", caller.project, whole.projects.get(caller.project), whole)
        if not caller.key:
            return (project,)
        return (project, _rule("key", caller.key, whole.keys.get(caller.key), whole.each_key))


def _counted(rules: Rules) -> Rules:
    return tuple(rule for rule in rules if rule.counts())


def _rule(kind: str, id: str, own: LimitSettings | None, general: LimitSettings) -> Rule:
    """The limits of one project or key: its own, and the general ones where it has none of its own."""
    limits = {}
    for name in LimitSettings.__struct_fields__:
        most = getattr(own, name, None) or getattr(general, name)
        limits[name] = None if most == "none" else most
    return Rule(kind=kind, id=id, **limits)


def _failure(refused: Refusal) -> Failure:
    rule = refused.rule
    return Failure(
        "rate_limited",
        f"The limit '{refused.limit}' of {rule.kind} {shown(rule.id)} is {refused.most}; "
        + _FOUND[refused.limit].format(found=refused.found, seconds=refused.seconds),
        retry_seconds=refused.seconds,
    )
