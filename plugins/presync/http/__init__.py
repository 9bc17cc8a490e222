"""Calls over HTTP: how a client is made, which proxy it uses, and how much of an answer is read."""
