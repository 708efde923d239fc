// An answer that a program can read: JSON after a Zod schema.
import { GoogleGenAI } from "@google/genai";
import * as z from "zod";

const Contact = z.object({
  name: z.string().describe("First and last name."),
  city: z.string().nullable().describe("Where the person lives, if the text says so."),
  languages: z.array(z.string()).describe("Languages the person speaks."),
});

const ai = new GoogleGenAI({});

const interaction = await ai.interactions.create({
  model: "gemini-3.5-flash",
  input: "Ines Alves lives in Porto. She speaks Portuguese and English. Who is this about?",
  response_format: { type: "text", mime_type: "application/json", schema: z.toJSONSchema(Contact) },
});
const contact = Contact.parse(JSON.parse(interaction.output_text));
console.log(contact.name, "|", contact.city, "|", contact.languages.join(", "));
