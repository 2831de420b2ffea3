"""Files become tables: every upload that is a table is loaded into CKAN's DataStore.

    sweep ─▶ queue ─▶ worker ─▶ hatinh.loading (confined) ─▶ COPY ─▶ new table ─▶ swap

``docs/loading.md`` tells the whole of it.
"""
