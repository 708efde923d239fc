"""Calls in Python, with literals for arguments. Nothing is run: the text is parsed, and literals are read.

get_weather(city="Paris", days=2)
print(default_api.get_weather("Paris"))      arguments without names are the function's, in their order
get_weather.call(city="Paris")
"""

import ast
import re
import warnings
from typing import Any, Final

import msgspec

from interplay.models.chat.called.format import Functions
from interplay.models.chat.called.source import Source
from interplay.models.chat.tool_calls import Wanted, offered

LONGEST: Final = 2**16
"""Characters of Python that are read: parsing it takes far more time and memory than JSON does."""

_FIRST_CALL: Final = re.compile(r"\s{0,99}(?:\w{1,99}\s{0,9}=\s{0,9})?(?:print\()?([\w.]{0,256})\s{0,9}(\(|\Z)")

_TOO_MUCH: Final = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)


def calls(source: Source, start: int, end: int, functions: Functions) -> list[Wanted]:
    """The calls that a part of a text consists of; none where it is other Python, or calls functions not on offer."""
    if end - start > LONGEST or not begin(source, start, end, functions):
        return []
    text = source.text[start:end]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a backslash that escapes nothing is none of the operator's business
            found = [_called(_unprinted(_expression(each)), functions) for each in ast.parse(text.strip()).body]
    except _TOO_MUCH:
        return []
    return [call for call in found if call is not None] if None not in found else []


def begin(source: Source, start: int, end: int, functions: Functions) -> bool:
    """Whether calls may begin here: with the name of a function, or a text that was cut before it was whole."""
    first = _FIRST_CALL.match(source.text, start, end)
    return first is not None and (not first[2] or _function(first[1], functions) is not None)


def _expression(statement: ast.stmt) -> ast.expr | None:
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            return value
        case _:
            return None


def _unprinted(value: ast.expr | None) -> ast.expr | None:
    match value:
        case ast.Call(func=ast.Name(id="print"), args=[inner], keywords=[]):
            return inner
        case _:
            return value


def _called(value: ast.expr | None, functions: Functions) -> Wanted | None:
    """The call that an expression is. Raises ValueError for arguments that are no literals."""
    if not isinstance(value, ast.Call):
        return None
    name = _function(ast.unparse(value.func), functions)
    if name is None:
        return None
    properties = functions[name].get("properties")
    names = list(properties) if isinstance(properties, dict) else []
    given = dict(zip(names, map(ast.literal_eval, value.args), strict=False))
    given |= {each.arg or "": ast.literal_eval(each.value) for each in value.keywords}
    if len(value.args) > len(names) or "" in given:
        return None
    return Wanted(name, _json(given))


def _function(name: str, functions: Functions) -> str | None:
    return offered(name, functions) or offered(name.removesuffix(".call"), functions)


def _json(arguments: dict[str, Any]) -> str:
    """As JSON. Raises for what has no form there: bytes, complex numbers, infinity."""
    return msgspec.json.encode(arguments, enc_hook=_refused).decode()


def _refused(value: object) -> object:
    raise ValueError(value)
