"""The answer word by word, while the model writes it."""

from google import genai

client = genai.Client()

events = client.interactions.create(
    model="gemini-3.5-flash",
    input="Describe a lighthouse at night in two sentences.",
    stream=True,
)
for event in events:
    if event.event_type == "step.delta" and event.delta.type == "text":
        print(event.delta.text, end="", flush=True)
    if event.event_type == "error":
        print("\nIt broke off:", event.error.message)
    if event.event_type == "interaction.completed":
        print(f"\n[{event.interaction.status}, {event.interaction.usage.total_output_tokens} tokens]")
