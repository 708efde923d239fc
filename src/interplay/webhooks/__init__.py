"""Webhooks: who is told that a background interaction has ended, how it is signed, and how it is sent.

Not here: what is told (`interplay.runs.notices`), and when it is tried again (`interplay.jobs.delivery`).
"""
