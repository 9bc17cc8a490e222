"""A server that speaks SQL Server's protocol (TDS 7.x) with SQLite behind it: for tests of drivers, only.

It understands what Microsoft's ODBC Driver 18 and FreeTDS send for login (plain or in TLS), batches, prepared
statements and catalogue calls, and of T-SQL just the plain SELECTs that a reader may use: everything else is
answered as a syntax error. It misbehaves when told to (`faults.py`).
"""
