// The answer word by word, while the model writes it.
import { GoogleGenAI } from "@google/genai";

const ai = new GoogleGenAI({});

const events = await ai.interactions.create({
  model: "gemini-3.5-flash",
  input: "Describe a lighthouse at night in two sentences.",
  stream: true,
});
for await (const event of events) {
  if (event.event_type === "step.delta" && event.delta.type === "text") {
    process.stdout.write(event.delta.text);
  } else if (event.event_type === "error") {
    console.log("\nIt broke off:", event.error.message);
  } else if (event.event_type === "interaction.completed") {
    const { status, usage } = event.interaction;
    console.log(`\n[${status}, ${usage.total_output_tokens} tokens]`);
  }
}
