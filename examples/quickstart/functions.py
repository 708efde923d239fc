"""A function of your own: the model asks for it, this program runs it, and the model answers with what it returned."""

from google import genai

STOCK = {"green tea": 3, "black tea": 0}

look_up_stock = {
    "type": "function",
    "name": "look_up_stock",
    "description": "How many packages of an article are left in the shop.",
    "parameters": {
        "type": "object",
        "properties": {"article": {"type": "string", "description": "The article's name, such as 'black tea'."}},
        "required": ["article"],
    },
}

client = genai.Client()

interaction = client.interactions.create(
    model="gemini-3.5-flash", input="How many packages of green tea are left in the shop?", tools=[look_up_stock]
)
while interaction.status == "requires_action":
    results = []
    for step in interaction.steps:
        if step.type == "function_call":
            left = STOCK.get(step.arguments["article"].lower())
            print("Call:", step.name, step.arguments, "->", left)
            results.append({"type": "function_result", "call_id": step.id, "name": step.name, "result": {"left": left}})
    interaction = client.interactions.create(
        model="gemini-3.5-flash", input=results, tools=[look_up_stock], previous_interaction_id=interaction.id
    )
print("Model:", interaction.output_text)
