"""A stand-in for the Severa REST API: a real HTTP server over a folder of JSON files.

It speaks the API as the public guide describes it, and misbehaves on request (`faults.py`), so that Presync
can be shown and tested without an organisation in Severa. `README.md` beside this file describes its use.
"""
