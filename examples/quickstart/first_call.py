"""One question, one answer."""

from google import genai

client = genai.Client()

interaction = client.interactions.create(
    model="gemini-3.5-flash",
    input="Name three things that float on water. One line.",
)
print(interaction.output_text)
print("Tokens:", interaction.usage.total_tokens)
