#!/usr/bin/env bash
# One question, one answer: the whole Interaction as JSON.
set -euo pipefail

curl -sS --fail-with-body "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "gemini-3.5-flash",
    "input": "Name three things that float on water. One line."
  }'
