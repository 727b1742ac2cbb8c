"""Renderers: a finished `Report` in, text or JSON out. They print; they never decide."""
