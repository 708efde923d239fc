// A run that goes on by itself: start it, do something else, ask for it later.

import { setTimeout as pause } from "node:timers/promises";

import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({});

let run = await client.interactions.create({
  model: "gemini-3.5-flash",
  input: "Explain in two sentences why ships float.",
  background: true,
});
console.log("Started:", run.id);

while (["queued", "in_progress"].includes(run.status)) {
  await pause(500);
  run = await client.interactions.get(run.id);
}

console.log(run.status);
console.log("Model:", run.output_text);
