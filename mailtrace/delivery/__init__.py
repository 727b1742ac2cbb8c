"""Delivery: "did you get my email?", answered from server logs, mailboxes, bounces and receipts.

Beside the pipeline of `analyze`, on the same floors below. Sources give events, each with the line or message that
shows it; joins follow a message from one server's queue to the next; the outcome per recipient is the best evidence.
"""
