"""An answer that a program can read: JSON after a Pydantic model."""

from google import genai
from pydantic import BaseModel, Field


class Contact(BaseModel):
    """Whom the text is about."""

    name: str = Field(description="First and last name.")
    city: str | None = Field(description="Where the person lives, if the text says so.")
    languages: list[str] = Field(description="Languages the person speaks.")


client = genai.Client()

interaction = client.interactions.create(
    model="gemini-3.5-flash",
    input="Ines Alves lives in Porto. She speaks Portuguese and English. Who is this about?",
    response_format={"type": "text", "mime_type": "application/json", "schema": Contact.model_json_schema()},
)
contact = Contact.model_validate_json(interaction.output_text)
print(contact.name, "|", contact.city, "|", ", ".join(contact.languages))
