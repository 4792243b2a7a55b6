"""A demo fleet: fourteen agents of different temper, watched through HiveLoop.

Everything the fleet does is made up, except its telemetry: each worker is an
ordinary thread that works, fails, retries and waits in real time, and reports
through the same client calls that any agent would use.
"""
