#!/usr/bin/env bash
# An answer that a program can read: JSON after a schema. Needs jq.
set -euo pipefail

curl -sS --fail-with-body "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "gemini-3.5-flash",
    "input": "Ines Alves lives in Porto. She speaks Portuguese and English. Who is this about?",
    "response_format": {
      "type": "text",
      "mime_type": "application/json",
      "schema": {
        "type": "object",
        "properties": {
          "name": {"type": "string", "description": "First and last name."},
          "city": {"type": ["string", "null"], "description": "Where the person lives, if the text says so."},
          "languages": {"type": "array", "items": {"type": "string"}, "description": "Languages the person speaks."}
        },
        "required": ["name", "city", "languages"]
      }
    }
  }' |
  jq -r '.steps[-1].content[0].text | fromjson | "\(.name) | \(.city) | \(.languages | join(", "))"'
