#!/usr/bin/env bash
# The answer while the model writes it: server-sent events, one JSON object each.
set -euo pipefail

curl -sS --fail-with-body --no-buffer "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "gemini-3.5-flash",
    "input": "Describe a lighthouse at night in two sentences.",
    "stream": true
  }'
