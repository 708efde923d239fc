"""Requests to addresses that users name: where they may lead is judged at every step, and what comes back is bounded.

Who uses this hands in the rules, and the words for them; nothing here knows the settings.
"""
