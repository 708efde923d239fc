"""The same function with nothing kept on the server: every step is sent back as it came."""

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
question = {"type": "text", "text": "How many packages of green tea are left in the shop?"}
steps = [{"type": "user_input", "content": [question]}]

while True:
    interaction = client.interactions.create(model="gemini-3.5-flash", store=False, input=steps, tools=[look_up_stock])
    steps += [step.model_dump() for step in interaction.steps]
    if interaction.status != "requires_action":
        break
    for step in interaction.steps:
        if step.type == "function_call":
            left = STOCK.get(step.arguments["article"].lower())
            print("Call:", step.name, step.arguments, "->", left)
            steps.append({"type": "function_result", "call_id": step.id, "name": step.name, "result": {"left": left}})
print("Model:", interaction.output_text)
