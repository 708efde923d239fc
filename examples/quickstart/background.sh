#!/usr/bin/env bash
# A run that goes on by itself: start it, do something else, ask for it later. Needs jq.
set -euo pipefail

url="$GOOGLE_GEMINI_BASE_URL/v1beta/interactions"
key="x-goog-api-key: $GEMINI_API_KEY"

run=$(curl -sS --fail-with-body "$url" -H "$key" -H "Content-Type: application/json" -d '{
  "model": "gemini-3.5-flash",
  "input": "Explain in two sentences why ships float.",
  "background": true
}')
echo "Started: $(jq -r .id <<<"$run")"

while jq -e '.status == "queued" or .status == "in_progress"' <<<"$run" >/dev/null; do
  sleep 0.5
  run=$(curl -sS --fail-with-body "$url/$(jq -r .id <<<"$run")" -H "$key")
done

jq -r .status <<<"$run"
echo "Model: $(jq -r '.steps[-1].content[0].text' <<<"$run")"
