// A conversation that the server keeps: each turn names the one before it.
import { GoogleGenAI } from "@google/genai";

const ai = new GoogleGenAI({});

const told = await ai.interactions.create({
  model: "gemini-3.5-flash",
  input: "My bicycle is called Marlene. Just say hello to her.",
});
console.log("Model:", told.output_text);

const asked = await ai.interactions.create({
  model: "gemini-3.5-flash",
  input: "What is my bicycle called? Answer with the name only.",
  previous_interaction_id: told.id,
});
console.log("Model:", asked.output_text);
