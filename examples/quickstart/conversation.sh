#!/usr/bin/env bash
# A conversation that the server keeps: each turn names the one before it. Needs jq.
set -euo pipefail

ask() {
  curl -sS --fail-with-body "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
    -H "x-goog-api-key: $GEMINI_API_KEY" \
    -H "Content-Type: application/json" \
    -d "$1"
}

told=$(ask '{
  "model": "gemini-3.5-flash",
  "input": "My bicycle is called Marlene. Just say hello to her."
}')
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$told")"

asked=$(ask "$(jq -n --arg previous "$(jq -r .id <<<"$told")" '{
  model: "gemini-3.5-flash",
  input: "What is my bicycle called? Answer with the name only.",
  previous_interaction_id: $previous
}')")
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$asked")"
