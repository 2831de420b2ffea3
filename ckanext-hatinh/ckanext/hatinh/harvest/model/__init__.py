"""The tables of the harvest: sources, runs, outcomes, records, the outbox of the index, notices.

Everything lives in PostgreSQL, so that losing the cache or the index loses nothing here. Each
module holds one table and the small functions that read and write it; none of them commits
unless it says so.
"""
