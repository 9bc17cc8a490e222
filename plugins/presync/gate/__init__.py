"""Shut unless ready: certificate, last look at both systems, and the start, once ever."""
