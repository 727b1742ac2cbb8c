"""Mailboxes on a server, over IMAP (RFC 3501, RFC 9051): read, and left exactly as they were.

A mailbox is named by a URL (RFC 5092). `url` reads and writes these, and is all that is imported before one is given;
`client` is the one door to the protocol; `wire` bounds what a server can send.
"""
