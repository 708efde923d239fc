"""A conversation that the server keeps: each turn names the one before it."""

from google import genai

client = genai.Client()

told = client.interactions.create(
    model="gemini-3.5-flash",
    input="My bicycle is called Marlene. Just say hello to her.",
)
print("Model:", told.output_text)

asked = client.interactions.create(
    model="gemini-3.5-flash",
    input="What is my bicycle called? Answer with the name only.",
    previous_interaction_id=told.id,
)
print("Model:", asked.output_text)
