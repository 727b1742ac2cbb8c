"""What a domain publishes, apart from any message: for comments, never for a verdict."""

from mailtrace.posture._checkdmarc import comment

__all__ = ["comment"]
