"""Function calls by a small model: what it is shown, and what it may write.

    signatures    functions as short text
    transcript    a conversation with its calls and results as text
    lesson        the examples that the model learns the form from
    months, ids   what such a model mixes up, and what it invents
    decision      the prompt, the grammar and the reading of one decision: calls, or none

Not here: asking the engine (`interplay.models.local.calling`).
"""
