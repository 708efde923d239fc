#!/usr/bin/env bash
# The same conversation with nothing kept on the server: every step is sent back as it came. Needs jq.
set -euo pipefail

ask() {
  jq '{model: "gemini-3.5-flash", store: false, input: .}' <<<"$1" |
    curl -sS --fail-with-body "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
      -H "x-goog-api-key: $GEMINI_API_KEY" \
      -H "Content-Type: application/json" \
      -d @-
}

steps='[{"type": "user_input", "content": "My bicycle is called Marlene. Just say hello to her."}]'
told=$(ask "$steps")
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$told")"

steps=$(jq --argjson told "$(jq .steps <<<"$told")" '. + $told + [
  {type: "user_input", content: "What is my bicycle called? Answer with the name only."}
]' <<<"$steps")
asked=$(ask "$steps")
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$asked")"
