"""Which functions the model may call in this turn: `tools` and `tool_choice` become compiled functions.

Not here: what a model does with them (`interplay.models`), results of calls (`results`).
"""

import re
from typing import Any, Final

import msgspec

from interplay import wire
from interplay.engine.compiling import Compiling
from interplay.errors import Failure, invalid, listed, shown
from interplay.models.base import NO_ARGUMENTS, Function
from interplay.schemas import standard

MOST_FUNCTIONS: Final = 512
"""In one request."""
MOST_BYTES: Final = 262_144
"""Of the parameters of all functions together, as compact JSON: a model has to read them."""
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
LONGEST_DESCRIPTION: Final = 16_384
"""Characters."""
MODES: Final = ("auto", "any", "none", "validated")
"""`validated` is `auto` with arguments that meet their schemas, which here they always do."""

_COMBINED: Final = frozenset({"properties", "additionalProperties", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
"""Keywords that say something of an object's properties."""


class Offer(msgspec.Struct, frozen=True):
    """What may be called, and whether something must be."""

    functions: tuple[Function, ...] = ()
    must_call: bool = False


async def offer(request: wire.CreateInteraction, schemas: Compiling) -> Offer:
    """The functions that `tools` declares and `tool_choice` lets through. Raises Failure `invalid_request`."""
    declared = await _declared(request.tools or (), schemas)
    mode, names = _choice(request.generation_config)
    for name in names or ():
        if all(function.name != name for function in declared):
            raise invalid(
                f"'generation_config.tool_choice.allowed_tools.tools' has {shown(name)}, which is not among 'tools': "
                f"expected {_one_of(declared)}."
            )
    allowed = tuple(function for function in declared if names is None or function.name in names)
    if mode == "any" and not allowed:
        raise invalid("'generation_config.tool_choice' is \"any\", but there is no function to call: expected 'tools'.")
    return Offer(() if mode == "none" else allowed, mode == "any")


def check_name(name: str, where: str) -> None:
    """Refuse a name that no function can have."""
    if not name:
        raise invalid(f"Missing required parameter '{where}'.")
    if not NAME.fullmatch(name):
        raise invalid(
            f"'{where}' {shown(name)} is not valid: expected a letter or '_', then up to 127 letters, digits, '_', "
            "'.', ':' and '-'."
        )


def _choice(config: wire.GenerationConfig | None) -> tuple[str, tuple[str, ...] | None]:
    """The mode, and the names that are allowed; None for all."""
    choice = config.tool_choice if config is not None else None
    match choice:
        case None:
            return "auto", None
        case wire.ToolChoiceConfig(allowed_tools=None):
            return "auto", None
        case wire.ToolChoiceConfig(allowed_tools=wire.AllowedTools(mode=mode, tools=tools)):
            return _mode(mode or "auto", "generation_config.tool_choice.allowed_tools.mode"), tools
        case mode:
            return _mode(mode, "generation_config.tool_choice"), None


def _mode(mode: Any, field: str) -> str:
    if mode not in MODES:
        raise invalid(f"'{field}' {shown(mode)} is unknown: expected one of {listed(MODES)}.")
    return str(mode)


async def _declared(tools: tuple[wire.Tool, ...], schemas: Compiling) -> tuple[Function, ...]:
    if len(tools) > MOST_FUNCTIONS:
        raise invalid(f"'tools' has {len(tools)} entries: expected at most {MOST_FUNCTIONS}.")
    functions: dict[str, Function] = {}
    size = 0
    for index, tool in enumerate(tools):
        function = await _function(tool, f"tools[{index}]", schemas)
        if function.name in functions:
            raise invalid(f"'tools[{index}].name' {shown(function.name)} is there twice: expected a name of its own.")
        functions[function.name] = function
        size += len(msgspec.json.encode(function.declared))
        if size > MOST_BYTES:
            raise invalid(
                f"'tools' has too much schema: with 'tools[{index}]' more than {MOST_BYTES} bytes of parameters."
            )
    return tuple(functions.values())


async def _function(tool: wire.Tool, where: str, schemas: Compiling) -> Function:
    if not isinstance(tool, wire.Function):
        raise invalid(
            f"'{where}' of type {shown(tool.__struct_config__.tag)} cannot be honoured: of the tools, only "
            '"function" is served yet.'
        )
    if tool.defer_loading:
        raise invalid(f"'{where}.defer_loading' cannot be honoured: 'tool_search' is not served yet.")
    check_name(tool.name or "", f"{where}.name")
    if len(tool.description or "") > LONGEST_DESCRIPTION:
        raise invalid(f"'{where}.description' is too long: expected at most {LONGEST_DESCRIPTION} characters.")
    declared = _parameters(_root(tool.parameters), f"{where}.parameters")
    parameters = await schemas.compiled(declared, f"{where}.parameters")
    return Function(tool.name or "", tool.description or "", declared, parameters)


def _root(parameters: Any) -> Any:
    """The parameters without what says that there may be none: arguments are an object always."""
    if not isinstance(parameters, dict):
        return parameters
    return {key: value for key, value in parameters.items() if key != "nullable"}


def _parameters(parameters: Any, where: str) -> dict[str, Any]:
    """The schema of the arguments, which are an object always; one that says nothing of properties takes none."""
    match standard(parameters, where):
        case None:
            return NO_ARGUMENTS
        case dict(parameters) if parameters.get("type", "object") == "object":
            none: dict[str, Any] = {} if _COMBINED & parameters.keys() else {"properties": {}}
            return {"type": "object", **parameters, **none}
        case dict(parameters):
            raise _no_object(f"{where}.type", parameters["type"])
        case other:
            raise _no_object(where, other)


def _no_object(field: str, got: Any) -> Failure:
    meant = ' Did you mean "object"?' if isinstance(got, str) and got.lower() == "object" else ""
    return invalid(f"Invalid value for '{field}': expected the JSON schema of an object, got {shown(got)}.{meant}")


def _one_of(functions: tuple[Function, ...]) -> str:
    names = listed(function.name for function in functions[:20])
    return f"one of {names}" if names else "'tools' with a function of that name"
