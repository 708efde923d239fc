"""Limits: who may start something now, and who must come again. Not here: how it is counted (`counting.py`)."""

from typing import Final

from interplay.caller import Caller
from interplay.errors import Failure, shown
from interplay.observe import Limited, Observer
from interplay.runs.counting import Counting, Rules
from interplay.runs.windows import Refusal, Rule
from interplay.settings import LimitSettings, LimitsSettings
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


_FREE: Final = Admission()


class Limits:
    """The operator's limits, over all servers that share the store."""

    def __init__(self, settings: LimitsSettings, store: Store, counting: Counting, observe: Observer) -> None:
        self._settings = settings
        self._none = settings == LimitsSettings()
        self._store = store
        self._counting = counting
        self._observe = observe

    async def admit(self, caller: Caller, *, background: bool = False) -> Admission:
        """Let something begin. Raises Failure `rate_limited` that says which limit is met, and until when."""
        if self._none:
            return _FREE
        rules = self._rules(caller)
        counted = tuple(rule for rule in rules if rule.counts())
        refused = await self._full_queue(caller, rules) if background else None
        if refused is None and counted:
            refused = await self._counting.begin(counted)
        if refused is not None:
            self._observe(Limited(project=caller.project, key=caller.key, limit=refused.limit))
            raise _failure(refused)
        return Admission(self._counting, counted) if counted else _FREE

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
