"""Forced TLS: what went to certain domains, and whether it went under TLS, as the sending servers' logs show it.

Three results are kept apart: in clear, under TLS (the certificate verified, not verified, or not recorded), and not
decidable. That a log has no line on TLS is cleartext only where the log shows that the same program writes such lines.
"""
