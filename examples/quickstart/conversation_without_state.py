"""The same conversation with nothing kept on the server: the program sends every step back as it came."""

from google import genai

client = genai.Client()


def said(text: str) -> dict:
    """What the user says, as a step."""
    return {"type": "user_input", "content": [{"type": "text", "text": text}]}


steps = [said("My bicycle is called Marlene. Just say hello to her.")]
told = client.interactions.create(model="gemini-3.5-flash", store=False, input=steps)
print("Model:", told.output_text)

steps += [step.model_dump() for step in told.steps]
steps.append(said("What is my bicycle called? Answer with the name only."))
asked = client.interactions.create(model="gemini-3.5-flash", store=False, input=steps)
print("Model:", asked.output_text)
