"""The one call that every client is asked to record: eight fields, about 700 bytes on the wire."""

NAME = "lead_scoring"
MODEL = "claude-sonnet-4-20250514"
TOKENS_IN, TOKENS_OUT, COST, DURATION_MS = 1500, 200, 0.003, 1200
PROMPT = "You are analyzing a lead of a software company for its fit. " * 3
RESPONSE = '{"score": 42, "reason": "fits the profile"}'
