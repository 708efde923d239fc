"""A run that goes on by itself: start it, do something else, ask for it later."""

import time

from google import genai

client = genai.Client()

run = client.interactions.create(
    model="gemini-3.5-flash",
    input="Explain in two sentences why ships float.",
    background=True,
)
print("Started:", run.id)

while run.status in ("queued", "in_progress"):
    time.sleep(0.5)
    run = client.interactions.get(run.id)

print(run.status)
print("Model:", run.output_text)
