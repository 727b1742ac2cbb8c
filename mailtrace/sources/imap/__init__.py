"""Mailboxes on a server, over IMAP (RFC 3501, RFC 9051): read, and left exactly as they were.

A mailbox is named by a URL (RFC 5092). `access` is all that is imported before one is given; `url` reads and writes
them; `client` is the one door to the protocol; `wire` bounds what a server can send.
"""
