// The same function with nothing kept on the server: every step is sent back as it came.
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
const steps = [{ type: "user_input", content: "How many packages of green tea are left in the shop?" }];

let interaction;
do {
  interaction = await ai.interactions.create({ model: "gemini-3.5-flash", store: false, input: steps, tools });
  steps.push(...interaction.steps);
  for (const { type, id, name, arguments: given } of interaction.steps) {
    if (type !== "function_call") continue;
    const left = stock[given.article.toLowerCase()] ?? null;
    console.log("Call:", name, given.article, "->", left);
    steps.push({ type: "function_result", call_id: id, name, result: { left } });
  }
} while (interaction.status === "requires_action");
console.log("Model:", interaction.output_text);
