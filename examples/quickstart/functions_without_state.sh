#!/usr/bin/env bash
# The same function with nothing kept on the server: every step is sent back as it came. Needs jq.
set -euo pipefail

tools='[{
  "type": "function",
  "name": "look_up_stock",
  "description": "How many packages of an article are left in the shop.",
  "parameters": {
    "type": "object",
    "properties": {"article": {"type": "string", "description": "The name of the article, such as: black tea."}},
    "required": ["article"]
  }
}]'

ask() {
  jq --argjson tools "$tools" '{model: "gemini-3.5-flash", store: false, tools: $tools, input: .}' <<<"$1" |
    curl -sS --fail-with-body "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
      -H "x-goog-api-key: $GEMINI_API_KEY" \
      -H "Content-Type: application/json" \
      -d @-
}

steps='[{"type": "user_input", "content": "How many packages of green tea are left in the shop?"}]'
first=$(ask "$steps")
call=$(jq -c '.steps[] | select(.type == "function_call")' <<<"$first")
echo "Call: $(jq -c '[.name, .arguments]' <<<"$call")"

second=$(ask "$(jq --argjson first "$first" --argjson call "$call" '. + $first.steps + [
  {type: "function_result", call_id: $call.id, name: $call.name, result: {left: 3}}
]' <<<"$steps")")
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$second")"
