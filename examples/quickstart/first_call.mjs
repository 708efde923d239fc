// One question, one answer.
import { GoogleGenAI } from "@google/genai";

const ai = new GoogleGenAI({});

const interaction = await ai.interactions.create({
  model: "gemini-3.5-flash",
  input: "Name three things that float on water. One line.",
});
console.log(interaction.output_text);
console.log("Tokens:", interaction.usage.total_tokens);
