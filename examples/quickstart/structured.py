"""An answer that a program can read: JSON after a Pydantic model."""

from google import genai
from pydantic import BaseModel, Field


class Contact(BaseModel):
    """What the note is about."""

    name: str = Field(description="First and last name.")
    city: str | None = Field(description="Where the person lives, if the note says so.")
    languages: list[str] = Field(description="Languages the person speaks.")


client = genai.Client()

interaction = client.interactions.create(
    model="gemini-3.5-flash",
    input="Note: Met Ines Alves today. She lives in Porto and speaks Portuguese and English. Who is it about?",
    response_format={"type": "text", "mime_type": "application/json", "schema": Contact.model_json_schema()},
)
contact = Contact.model_validate_json(interaction.output_text)
print(contact.name, "|", contact.city, "|", ", ".join(contact.languages))
