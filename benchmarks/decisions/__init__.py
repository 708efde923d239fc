"""How good a model's decisions are, and how sure they may be: `python -m benchmarks.decisions`.

`items.jsonl` has texts with what is true of them, half of them English and half Polish, written for this; the
questions stand in `questions.json`, in both languages. `asking` asks a local model all of them, `figures` says how
right it is and fits the temperature. Every second text of a language is for fitting, the others are for
judging what was fitted.
"""
