#!/usr/bin/env bash
# A function of your own: the model asks for it, this script runs it, and the model answers. Needs jq.
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
  jq --argjson tools "$tools" '. + {model: "gemini-3.5-flash", tools: $tools}' <<<"$1" |
    curl -sS --fail-with-body "$GOOGLE_GEMINI_BASE_URL/v1beta/interactions" \
      -H "x-goog-api-key: $GEMINI_API_KEY" \
      -H "Content-Type: application/json" \
      -d @-
}

first=$(ask '{"input": "How many packages of green tea are left in the shop?"}')
call=$(jq -c '.steps[] | select(.type == "function_call")' <<<"$first")
echo "Call: $(jq -c '[.name, .arguments]' <<<"$call")"

second=$(ask "$(jq -n --argjson first "$first" --argjson call "$call" '{
  previous_interaction_id: $first.id,
  input: [{type: "function_result", call_id: $call.id, name: $call.name, result: {left: 3}}]
}')")
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$second")"
