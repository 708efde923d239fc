// The same conversation with nothing kept on the server: the program sends every step back as it came.
import { GoogleGenAI } from "@google/genai";

const ai = new GoogleGenAI({});
const model = "gemini-3.5-flash";
const said = (text) => ({ type: "user_input", content: [{ type: "text", text }] });

const steps = [said("My bicycle is called Marlene. Just say hello to her.")];
const told = await ai.interactions.create({ model, store: false, input: steps });
console.log("Model:", told.output_text);

steps.push(...told.steps, said("What is my bicycle called? Answer with the name only."));
const asked = await ai.interactions.create({ model, store: false, input: steps });
console.log("Model:", asked.output_text);
