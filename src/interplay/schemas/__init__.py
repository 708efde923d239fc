"""JSON schemas that answers and arguments must meet: compiled, checked against, turned into grammars.

    spelling     Google's older spelling put into JSON Schema's own
    clean        what is malformed is refused; what the API ignores is left out
    reading      the shapes of what is left, by `joining` the schemas that hold at one place
    finite       that some finite value satisfies it
    bounded      the same shapes without endless answers
    effort       what all of that takes
    grammar, plain, upstream   for llama.cpp's sampler, for samplers that take a schema, for other servers
    validation, ordering       of an answer

It knows nothing of requests, models or HTTP. Which keywords count, and which the API ignores: `keywords`.
"""

from interplay.schemas.schema import (
    Schema,
    compile,  # noqa: A004 - the verb for it; nobody here compiles Python
    compile_aside,
)
from interplay.schemas.spelling import standard

__all__ = ["Schema", "compile", "compile_aside", "standard"]
