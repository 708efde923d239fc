// A function of your own: the model asks for it, this program runs it, and the model answers with what it returned.
import { GoogleGenAI } from "@google/genai";

const stock = { "green tea": 3, "black tea": 0 };

const tools = [
  {
    type: "function",
    name: "look_up_stock",
    description: "How many packages of an article are left in the shop.",
    parameters: {
      type: "object",
      properties: { article: { type: "string", description: "The article's name, such as 'black tea'." } },
      required: ["article"],
    },
  },
];

const ai = new GoogleGenAI({});
const model = "gemini-3.5-flash";

let interaction = await ai.interactions.create({
  model,
  tools,
  input: "How many packages of green tea are left in the shop?",
});
while (interaction.status === "requires_action") {
  const input = interaction.steps
    .filter((step) => step.type === "function_call")
    .map(({ id, name, arguments: { article } }) => {
      const left = stock[article.toLowerCase()] ?? null;
      console.log("Call:", name, article, "->", left);
      return { type: "function_result", call_id: id, name, result: { left } };
    });
  interaction = await ai.interactions.create({ model, tools, input, previous_interaction_id: interaction.id });
}
console.log("Model:", interaction.output_text);
